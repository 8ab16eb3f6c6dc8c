package io.github.peft4j.models.internal.input;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.PackedValues;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A token table [V, D], or the bias [V] of an output layer, that goes on with the mean of its rows over and over, for tokens that were added.
 * The table itself is neither changed nor copied; however many rows follow take the memory of one.
 *
 * <p>Transformers' {@code resize_token_embeddings} draws such rows from a normal distribution around that mean, whose covariance is 1e-9 times
 * the rows' own.
 */
final class GrownRows implements PackedValues {

    private final Weight table;
    private final NDArray row;
    private final long rows;

    private GrownRows(Weight table, NDArray row, long rows) {
        this.table = table;
        this.row = row;
        this.rows = rows;
    }

    /** A table of a frozen one's rows and those that follow, up to a number in all. */
    static Weight of(Weight table, long rows) {
        Scope scope = table.scope();
        Precision computed = table.computePrecision();
        try (NDArray own = table.forCompute(scope.kernels())) {
            NDArray row = call(scope, "mean_row", own, computed.code());
            return Weight.packed(table.name(), new GrownRows(table, row, rows), computed, scope);
        }
    }

    private static NDArray call(Scope scope, String kernel, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(scope.library().call(scope, kernel, arguments));
    }

    @Override
    public Shape shape() {
        long[] shape = table.shape().getShape().clone();
        shape[0] = rows;
        return new Shape(shape);
    }

    @Override
    public long bytes() {
        return row.size() * table.computePrecision().bytes();
    }

    @Override
    public String cause() {
        return "goes on for tokens that were added";
    }

    @Override
    public void free() {
        row.close();
    }

    @Override
    public NDArray unpack(Kernels kernels, Precision wanted) {
        try (NDArray own = table.in(wanted, kernels)) {
            return call(kernels.scope(), "grown", own, row, rows);
        }
    }

    @Override
    public String script(Function<NDArray, String> name, Precision wanted) {
        return "self.grown(" + name.apply(table.array()) + ", " + name.apply(row) + ", " + rows + ")";
    }

    @Override
    public NDArray rows(Kernels kernels, NDArray ids, Precision wanted) {
        try (NDArray own = table.in(wanted, kernels)) {
            return call(kernels.scope(), "grown_embedding", own, row, ids);
        }
    }

    @Override
    public NDArray outputs(Kernels kernels, NDArray x, @Nullable NDArray b, Precision wanted) {
        try (NDArray own = table.in(wanted, kernels);
                NDArray y = kernels.linear(x, own, null)) {
            return call(kernels.scope(), "grown_outputs", y, x, row, rows, b);
        }
    }

    @Override
    public NDArray inputGradient(Kernels kernels, NDArray g, @Nullable NDArray other, Precision wanted) {
        long known = table.shape().get(0);
        try (NDArray own = table.in(wanted, kernels);
                NDArray ofOthers = call(kernels.scope(), "grown_gradient", g, known, row, other);
                NDArray view = kernels.narrow(g, 1, 0, known);
                NDArray ofOwn = kernels.contiguous(view)) {
            return kernels.linearGradient(ofOwn, own, ofOthers);
        }
    }

    @Override
    public String outputs(Function<NDArray, String> name, Precision wanted, String x, String b) {
        return "self.grown_outputs(self.linear(" + x + ", " + name.apply(table.array()) + ", None, one_dnn), " + x
                + ", " + name.apply(row) + ", " + rows + ", " + b + ")";
    }
}
