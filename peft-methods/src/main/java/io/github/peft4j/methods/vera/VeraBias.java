package io.github.peft4j.methods.vera;

import io.github.peft4j.methods.internal.layers.TrainedBiases;

/** Which of the base model's biases an adapter trains beside its own parameters; the values of {@code bias}. */
public enum VeraBias {
    /** None. */
    NONE(TrainedBiases.Which.NONE),
    /** Every bias of the model. */
    ALL(TrainedBiases.Which.ALL),
    /** The biases of the adapted layers. */
    VERA_ONLY(TrainedBiases.Which.ADAPTED);

    private final TrainedBiases.Which which;

    VeraBias(TrainedBiases.Which which) {
        this.which = which;
    }

    /** What that is called where it does not depend on the method. */
    TrainedBiases.Which which() {
        return which;
    }
}
