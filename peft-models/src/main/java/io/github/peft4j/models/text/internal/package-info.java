/** Text from tokens that come one after the other: {@link io.github.peft4j.models.text.internal.TextStream}. */
@NullMarked
package io.github.peft4j.models.text.internal;

import org.jspecify.annotations.NullMarked;
