/**
 * Mistral: Llama's layout with a sliding window of keys. Start with {@link io.github.peft4j.models.internal.architecture.mistral.MistralFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.mistral;

import org.jspecify.annotations.NullMarked;
