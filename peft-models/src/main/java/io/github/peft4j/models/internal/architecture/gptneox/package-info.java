/**
 * GPT-NeoX and Pythia: attention and feed-forward part side by side, one projection laid out head by head, rotation of a quarter of each
 * head. Start with
 * {@link io.github.peft4j.models.internal.architecture.gptneox.GptNeoXFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.gptneox;

import org.jspecify.annotations.NullMarked;
