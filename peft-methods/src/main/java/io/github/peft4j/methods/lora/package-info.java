/**
 * LoRA: the update of a frozen layer's weight is the product of two thin matrices, which are all that is trained and saved. Merges into
 * the base weights. Use it first: it is the method that others are measured against. rsLoRA, DoRA, PiSSA, OLoRA and LoRA of embeddings
 * are settings of it.
 *
 * <p>Start with {@link io.github.peft4j.methods.lora.LoraConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
@NullMarked
package io.github.peft4j.methods.lora;

import org.jspecify.annotations.NullMarked;
