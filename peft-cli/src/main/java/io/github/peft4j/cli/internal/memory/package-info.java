/** How much memory a training run takes, and what to do where there is less. */
@NullMarked
package io.github.peft4j.cli.internal.memory;

import org.jspecify.annotations.NullMarked;
