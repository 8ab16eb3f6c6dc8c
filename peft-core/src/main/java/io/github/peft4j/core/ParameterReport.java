package io.github.peft4j.core;

import java.util.Locale;

/**
 * How many parameters are trained.
 *
 * @param trainable parameters that training changes
 * @param all parameters of base model and adapters together, shared ones once
 */
public record ParameterReport(long trainable, long all) {

    /** The line that Hugging Face PEFT's {@code print_trainable_parameters} prints. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                trainable,
                all,
                all == 0 ? 0 : 100.0 * trainable / all);
    }
}
