package io.github.peft4j.methods.internal.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.internal.ScopedKernels;

/** The numeric operations that methods share beyond those of models, written in {@code layers.py}; results belong to the scope given. */
public record LayerKernels(ScopedKernels kernels) {

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    public static LayerKernels of(Kernels kernels) {
        return new LayerKernels(ScopedKernels.of(kernels.scope(), LayerKernels.class, "layers.py"));
    }

    /** x [N, D] times v [D], float32 of any shape, column by column; computed in float32, in x's format. */
    public NDArray scaleColumns(NDArray x, NDArray v) {
        return kernels.array("scale_columns", x, v);
    }

    /** The sum over rows of g x, both [N, D], in float32 and in the shape of {@code like}: the gradient of {@link #scaleColumns}' v. */
    public NDArray scaleGradient(NDArray g, NDArray x, NDArray like) {
        return kernels.array("scale_gradient", g, x, like);
    }

    /** x with some entries of a dimension, by int64 number, exchanged for those of {@code values}, in x's format. */
    public NDArray withEntries(NDArray x, int dimension, NDArray index, NDArray values) {
        return kernels.array("with_entries", x, dimension, index, values);
    }

    /** Entries of a dimension by int64 number. */
    public NDArray entries(NDArray x, int dimension, NDArray index) {
        return kernels.array("entries", x, dimension, index);
    }

    /** x with zeros in the place of some entries of a dimension. */
    public NDArray withoutEntries(NDArray x, int dimension, NDArray index) {
        return kernels.array("without_entries", x, dimension, index);
    }

    /** x [N, D] with row i exchanged for row {@code places[i]} of {@code values} [T, D] where that is not negative; in x's format. */
    public NDArray exchangeRows(NDArray x, NDArray places, NDArray values) {
        return kernels.array("exchange_rows", x, places, values);
    }

    /** The gradient of {@link #exchangeRows}' values, float32 [count, D]. */
    public NDArray exchangedGradient(NDArray g, NDArray places, int count) {
        return kernels.array("exchanged_gradient", g, places, count);
    }

    /** g with zeros in the rows that {@link #exchangeRows} exchanges: the gradient of its x. */
    public NDArray otherRows(NDArray g, NDArray places) {
        return kernels.array("other_rows", g, places);
    }
}
