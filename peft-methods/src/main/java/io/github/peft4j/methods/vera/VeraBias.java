package io.github.peft4j.methods.vera;

import io.github.peft4j.methods.internal.layers.TrainedBiases;
import java.util.Arrays;
import java.util.Locale;

/** Which of the base model's biases an adapter trains beside its own parameters; the values of {@code bias}. */
public enum VeraBias {
    /** None. */
    NONE,
    /** Every bias of the model. */
    ALL,
    /** The biases of the adapted layers. */
    VERA_ONLY;

    /** What that is called where it does not depend on the method. */
    TrainedBiases.Which which() {
        return switch (this) {
            case NONE -> TrainedBiases.Which.NONE;
            case ALL -> TrainedBiases.Which.ALL;
            case VERA_ONLY -> TrainedBiases.Which.ADAPTED;
        };
    }

    /** The value in {@code adapter_config.json}. */
    public String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The value of {@code bias}.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static VeraBias of(String name) {
        return Arrays.stream(values())
                .filter(bias -> bias.json().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Requested bias: " + name + ", is not implemented. Expected none, all or vera_only."));
    }
}
