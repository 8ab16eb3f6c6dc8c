package io.github.peft4j.models.nn.internal;

import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import org.jspecify.annotations.Nullable;

/** A layer that adds a bias to what it computes, or could. */
public interface Biased {

    /** Name of the bias in Hugging Face's files. */
    String BIAS = "bias";

    /** The matrix or vector that the layer multiplies with. */
    Weight weight();

    /** The bias [out], or null. */
    @Nullable
    Weight bias();

    /** Width of the output: that of the vector, where it is one that the layer multiplies with. */
    default long out() {
        return weight().size();
    }

    /**
     * The same layer with another bias, or with one.
     *
     * @param other [out]
     */
    Module withBias(Weight other);
}
