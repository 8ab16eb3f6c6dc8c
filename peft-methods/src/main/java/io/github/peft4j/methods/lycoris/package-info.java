/**
 * LoHa and LoKr, from the LyCORIS family: the update of a frozen layer's weight is put together from small matrices by another product
 * than LoRA's. LoHa multiplies two low-rank matrices value by value, which gives a rank of up to the square of theirs. LoKr repeats one
 * matrix within another (Kronecker product), the smallest of all for its rank. Both merge into the base weights. Use them where LoRA's
 * rank is too low for what it may cost.
 *
 * <p>Start with {@link io.github.peft4j.methods.lycoris.LohaConfig} or {@link io.github.peft4j.methods.lycoris.LokrConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024</a>
 */
@NullMarked
package io.github.peft4j.methods.lycoris;

import org.jspecify.annotations.NullMarked;
