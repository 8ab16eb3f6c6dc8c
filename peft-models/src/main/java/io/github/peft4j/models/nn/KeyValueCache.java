package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the tokens so far, per row and layer, so that each new token costs one pass over itself alone. Buffers double as
 * they fill. Close it when the text is done.
 */
public final class KeyValueCache implements AutoCloseable {

    private static final int FIRST_CAPACITY = 64;

    /** One row's keys and values of one layer [S, K, Dh]: views, to be closed by the reader. */
    public record View(NDArray key, NDArray value) implements AutoCloseable {
        @Override
        public void close() {
            key.close();
            value.close();
        }
    }

    private static final class Buffer {
        private @Nullable NDArray key;
        private @Nullable NDArray value;
        private int capacity;
        private int length;
    }

    private final Scope scope;
    private final List<List<Buffer>> rows = new ArrayList<>();

    /** An empty cache. */
    public KeyValueCache(Scope owner, int rowCount, int layers) {
        this.scope = owner.child();
        for (int row = 0; row < rowCount; row++) {
            List<Buffer> buffers = new ArrayList<>();
            for (int layer = 0; layer < layers; layer++) {
                buffers.add(new Buffer());
            }
            rows.add(buffers);
        }
    }

    /** Number of rows. */
    public int rowCount() {
        return rows.size();
    }

    /**
     * Checks that new tokens come after what is here.
     *
     * @throws IllegalArgumentException if there are more or fewer rows than in this cache, or a row's past is not what it has here
     */
    public void requireContinues(Rows next) {
        if (next.count() != rows.size()) {
            throw new IllegalArgumentException(
                    "a cache of " + rows.size() + " rows cannot be continued by " + next.count() + " rows");
        }
        for (int row = 0; row < rows.size(); row++) {
            if (next.past()[row] != length(row)) {
                throw new IllegalArgumentException("row " + row + " has " + length(row)
                        + " positions in the cache, but its new tokens come after " + next.past()[row]);
            }
        }
    }

    /** Positions that a row has so far. */
    public int length(int row) {
        return rows.get(row).get(0).length;
    }

    /** Adds keys and values [n, K, Dh] of a layer to a row and returns all of that layer. */
    public View append(int row, int layer, NDArray key, NDArray value) {
        Buffer buffer = rows.get(row).get(layer);
        int added = (int) key.getShape().get(0);
        buffer.key = room(buffer.key, buffer, key, added);
        buffer.value = room(buffer.value, buffer, value, added);
        buffer.capacity = (int) buffer.key.getShape().get(0);
        Kernels kernels = scope.kernels();
        kernels.copyInto(buffer.key, 0, buffer.length, key);
        kernels.copyInto(buffer.value, 0, buffer.length, value);
        buffer.length += added;
        return new View(
                kernels.narrow(buffer.key, 0, 0, buffer.length), kernels.narrow(buffer.value, 0, 0, buffer.length));
    }

    /**
     * Puts the same keys and values, one pair per layer, into every row of an empty cache.
     *
     * @throws IllegalArgumentException if there is not one pair per layer
     * @throws IllegalStateException if a row has keys and values already
     */
    public void fill(List<KeyValue> layers) {
        for (int row = 0; row < rows.size(); row++) {
            if (layers.size() != rows.get(row).size()) {
                throw new IllegalArgumentException("a cache of " + rows.get(row).size()
                        + " layers cannot be filled with keys and values of " + layers.size());
            }
            if (length(row) > 0) {
                throw new IllegalStateException("row " + row + " has " + length(row) + " positions already");
            }
        }
        for (int row = 0; row < rows.size(); row++) {
            for (int layer = 0; layer < layers.size(); layer++) {
                KeyValue pair = layers.get(layer);
                append(row, layer, pair.key().array(), pair.value().array()).close();
            }
        }
    }

    private NDArray room(@Nullable NDArray present, Buffer buffer, NDArray like, int added) {
        int needed = buffer.length + added;
        if (present != null && needed <= buffer.capacity) {
            return present;
        }
        int capacity = Math.max(FIRST_CAPACITY, Math.max(needed, 2 * buffer.capacity));
        Kernels kernels = scope.kernels();
        NDArray larger = kernels.emptyRows(like, capacity);
        if (present != null) {
            try (NDArray filled = kernels.narrow(present, 0, 0, buffer.length)) {
                kernels.copyInto(larger, 0, 0, filled);
            }
            present.close();
        }
        return larger;
    }

    @Override
    public void close() {
        scope.close();
    }
}
