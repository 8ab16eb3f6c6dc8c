/** Text of unknown origin in messages: {@link io.github.peft4j.models.message.Printable}. */
@NullMarked
package io.github.peft4j.models.message;

import org.jspecify.annotations.NullMarked;
