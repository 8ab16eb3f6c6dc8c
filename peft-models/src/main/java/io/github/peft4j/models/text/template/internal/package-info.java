/** The text tools of a model, opened when they are needed: {@link io.github.peft4j.models.text.template.internal.ModelText}. */
@NullMarked
package io.github.peft4j.models.text.template.internal;

import org.jspecify.annotations.NullMarked;
