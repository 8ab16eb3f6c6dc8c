/**
 * What an adapter's {@code adapter_config.json} says: the settings that all methods share, and how values are read, checked and written. Start with
 * {@link io.github.peft4j.core.config.PeftConfig}.
 */
@NullMarked
package io.github.peft4j.core.config;

import org.jspecify.annotations.NullMarked;
