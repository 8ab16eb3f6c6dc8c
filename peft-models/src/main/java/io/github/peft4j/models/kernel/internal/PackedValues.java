package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.util.function.Function;

/**
 * The values of a frozen {@link Weight} in fewer bits than models compute in. They are unpacked each time they are used, and nothing of
 * that is kept.
 */
public interface PackedValues {

    /** The shape of the unpacked values. */
    Shape shape();

    /** Native memory that they take. */
    long bytes();

    /** The values in a format of computations, as a new array of {@code kernels}' scope. */
    NDArray unpack(Kernels kernels, Precision wanted);

    /**
     * An expression of script that unpacks the values.
     *
     * @param name gives an array that stays the same a name
     */
    String script(Function<NDArray, String> name, Precision wanted);
}
