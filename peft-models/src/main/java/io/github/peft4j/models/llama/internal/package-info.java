/** How a config with Llama's keys is read, and with which other defaults: {@link io.github.peft4j.models.llama.internal.LlamaVariant}. */
@NullMarked
package io.github.peft4j.models.llama.internal;

import org.jspecify.annotations.NullMarked;
