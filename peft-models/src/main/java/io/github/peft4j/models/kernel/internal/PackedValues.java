package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of a frozen {@link Weight} that do not lie in one array of the format that models compute in: codes of fewer bits, say. They are
 * unpacked each time they are used, and nothing of that is kept.
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

    /** Why there is no array of them, as it follows the weight's name in messages. */
    default String cause() {
        return "is quantized";
    }

    /** Frees what is theirs alone. */
    default void free() {}

    /** Rows of a table [V, D] for int64 ids [N]. */
    default NDArray rows(Kernels kernels, NDArray ids, Precision wanted) {
        try (NDArray table = unpack(kernels, wanted)) {
            return kernels.embedding(table, ids);
        }
    }

    /** The outputs x w^T + b [N, out] of a linear layer whose matrix [out, in] they are: x [N, in], b [out] or absent. */
    default NDArray outputs(Kernels kernels, NDArray x, @Nullable NDArray b, Precision wanted) {
        try (NDArray w = unpack(kernels, wanted)) {
            return kernels.linear(x, w, b);
        }
    }

    /** The gradient g w [N, in] of that layer's input, plus {@code other} of that shape if present. */
    default NDArray inputGradient(Kernels kernels, NDArray g, @Nullable NDArray other, Precision wanted) {
        try (NDArray w = unpack(kernels, wanted)) {
            return kernels.linearGradient(g, w, other);
        }
    }

    /**
     * An expression of script for {@link #outputs}.
     *
     * @param name gives an array that stays the same a name
     * @param x the name of the input
     * @param b the name of the bias, {@code None} for none
     */
    default String outputs(Function<NDArray, String> name, Precision wanted, String x, String b) {
        return "self.linear(" + x + ", " + script(name, wanted) + ", " + b + ", one_dnn)";
    }
}
