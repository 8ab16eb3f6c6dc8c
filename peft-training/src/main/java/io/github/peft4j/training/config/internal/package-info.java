/** What is made of the settings of a run. */
@NullMarked
package io.github.peft4j.training.config.internal;

import org.jspecify.annotations.NullMarked;
