/** What peft-models is built on and nobody else should use. */
@NullMarked
package io.github.peft4j.models.internal.natives;

import org.jspecify.annotations.NullMarked;
