/** Work that several threads share. */
@NullMarked
package io.github.peft4j.training.internal.work;

import org.jspecify.annotations.NullMarked;
