/**
 * VeRA: every layer has an update of low rank whose two matrices are random, frozen and shared by all layers; trained are two vectors that
 * scale their rows, so that an adapter has a hundredth of the parameters that LoRA has at equal rank. Merges into the base weights. Use it
 * where very many adapters are kept; it costs as much time as LoRA of the same, high, rank.
 *
 * <p>Start with {@link io.github.peft4j.methods.vera.VeraConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2310.11454">Kopiczko, Blankevoort and Asano 2024</a>
 */
@NullMarked
package io.github.peft4j.methods.vera;

import org.jspecify.annotations.NullMarked;
