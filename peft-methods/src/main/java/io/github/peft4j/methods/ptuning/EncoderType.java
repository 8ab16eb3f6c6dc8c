package io.github.peft4j.methods.ptuning;

import java.util.Locale;

/** What computes the virtual tokens; the values of {@code encoder_reparameterization_type}. */
public enum EncoderType {
    /** Three linear layers with ReLU between them. */
    MLP,
    /** A bidirectional LSTM and two linear layers with ReLU between them. */
    LSTM;

    /** The type of a name, in capital or small letters. */
    static EncoderType named(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Prompt encoder type not recognized. Please use one of MLP (recommended) or LSTM. Got"
                            + " encoder_reparameterization_type=" + name,
                    e);
        }
    }
}
