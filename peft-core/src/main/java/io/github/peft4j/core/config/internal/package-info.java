/** Values of configs as they stand in files and settings: {@link io.github.peft4j.core.config.internal.ConfigValues}. */
@NullMarked
package io.github.peft4j.core.config.internal;

import org.jspecify.annotations.NullMarked;
