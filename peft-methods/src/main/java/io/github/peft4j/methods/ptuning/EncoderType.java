package io.github.peft4j.methods.ptuning;

/** What computes the virtual tokens; the values of {@code encoder_reparameterization_type}. */
public enum EncoderType {
    /** Three linear layers with ReLU between them. */
    MLP,
    /** A bidirectional LSTM and two linear layers with ReLU between them. */
    LSTM
}
