package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A float32 matrix W [out, in] once more, in the order in which oneDNN's products read it, which they sort it into at each call otherwise.
 * A trade of memory for speed that is made where the system property {@code peft4j.products} is {@code packed}, on CPUs that have oneDNN.
 */
public final class OneDnnMatrix implements AutoCloseable {

    private final NDArray values;

    private OneDnnMatrix(NDArray values) {
        this.values = values;
    }

    /** The copy of a matrix, owned by a scope; null where the trade is not made. */
    static @Nullable OneDnnMatrix of(Scope owner, NDArray matrix) {
        return owner.library().hasOneDnn() && ProductChoice.packs() ? copy(owner, matrix) : null;
    }

    /** The copy of a matrix, on a CPU that has oneDNN. */
    static OneDnnMatrix copy(Scope owner, NDArray matrix) {
        return new OneDnnMatrix((NDArray) Objects.requireNonNull(owner.library().call(owner, "pack", matrix)));
    }

    /** \(x W^\top + b\) [N, out] in a scope, for x [N, in] and b [out] or none. */
    public NDArray linear(Scope scope, NDArray x, @Nullable NDArray b) {
        return (NDArray) Objects.requireNonNull(scope.library().call(scope, "linear_packed", x, values, b));
    }

    /** Frees the copy. */
    @Override
    public void close() {
        values.close();
    }
}
