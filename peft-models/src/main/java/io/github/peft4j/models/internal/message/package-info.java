/** Text of unknown origin in messages: {@link io.github.peft4j.models.internal.message.Printable}. */
@NullMarked
package io.github.peft4j.models.internal.message;

import org.jspecify.annotations.NullMarked;
