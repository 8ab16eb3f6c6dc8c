/**
 * Adaption prompts (LLaMA-Adapter, version 1): in the upper blocks every query also attends to a few trained tokens, under a softmax of
 * its own, and what comes out is added to the attention's outcome times a trained gate per block that begins at nothing. The base model's
 * own projections make keys and values of the trained tokens. Cannot be merged. Use it to teach a format or a way of answering with very
 * few parameters.
 *
 * <p>Start with {@link io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2303.16199">Zhang et al. 2023</a>
 */
@NullMarked
package io.github.peft4j.methods.llamaadapter;

import org.jspecify.annotations.NullMarked;
