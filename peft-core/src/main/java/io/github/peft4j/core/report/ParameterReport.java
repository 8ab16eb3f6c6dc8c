package io.github.peft4j.core.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How many parameters are trained.
 *
 * @param trainable parameters that training changes
 * @param all parameters of base model and adapters together, shared ones once
 */
public record ParameterReport(long trainable, long all) {

    private static final int DIGITS = 4;

    /** The line that Hugging Face PEFT's {@code print_trainable_parameters} prints. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %s",
                trainable,
                all,
                percentage().toPlainString());
    }

    /** Rounded as Python does: by the number's exact value, and halves to the even digit. */
    private BigDecimal percentage() {
        return new BigDecimal(all == 0 ? 0 : 100.0 * trainable / all).setScale(DIGITS, RoundingMode.HALF_EVEN);
    }
}
