package io.github.peft4j.models.nn.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.TokenScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the tokens so far, per row and layer, so that each new token costs one pass over itself alone. Buffers
 * [K, capacity, Dh] lie head by head, as the products of attention read them, and double as they fill. Close it when the text is done.
 *
 * <p>A model whose weights or modules change must start a new cache: what is here was computed by the former ones. So must rows that
 * choose other modules; rows may leave.
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
        private int length;

        private void close() {
            if (key != null && value != null) {
                key.close();
                value.close();
            }
        }
    }

    private final Scope scope;
    private final List<List<Buffer>> rows = new ArrayList<>();
    private final Map<Module, Optional<TokenStep>> steps = new IdentityHashMap<>();

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
        if (buffer.key == null) {
            buffer.key = empty(key, Math.max(FIRST_CAPACITY, added));
            buffer.value = empty(value, Math.max(FIRST_CAPACITY, added));
        }
        makeRoom(buffer, added);
        write(buffer.key, buffer.length, key);
        write(Objects.requireNonNull(buffer.value), buffer.length, value);
        buffer.length += added;
        return new View(filled(buffer.key, buffer.length), filled(buffer.value, buffer.length));
    }

    private NDArray empty(NDArray like, int capacity) {
        Shape shape = like.getShape();
        Kernels kernels = scope.kernels();
        try (NDArray memory = kernels.emptyRows(like, capacity)) {
            return kernels.reshape(memory, shape.get(1), capacity, shape.get(2));
        }
    }

    private void write(NDArray buffer, int start, NDArray tokens) {
        try (NDArray heads = scope.kernels().transpose(tokens)) {
            scope.kernels().copyInto(buffer, 1, start, heads);
        }
    }

    private NDArray filled(NDArray buffer, int length) {
        try (NDArray heads = scope.kernels().narrow(buffer, 1, 0, length)) {
            return scope.kernels().transpose(heads);
        }
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

    private void makeRoom(Buffer buffer, int added) {
        NDArray key = Objects.requireNonNull(buffer.key, "no keys and values yet");
        int capacity = (int) key.getShape().get(1);
        if (buffer.length + added > capacity) {
            int larger = Math.max(buffer.length + added, 2 * capacity);
            buffer.key = enlarged(key, buffer.length, larger);
            buffer.value = enlarged(Objects.requireNonNull(buffer.value), buffer.length, larger);
        }
    }

    private NDArray enlarged(NDArray buffer, int length, int capacity) {
        try (buffer;
                NDArray tokens = filled(buffer, length)) {
            NDArray larger = empty(tokens, capacity);
            write(larger, 0, tokens);
            return larger;
        }
    }

    /**
     * Keeps some rows and frees the others.
     *
     * @param kept numbers of the rows to keep, in their new order
     */
    public void keepRows(int... kept) {
        List<List<Buffer>> remaining = Arrays.stream(kept).mapToObj(rows::get).toList();
        for (List<Buffer> row : rows) {
            if (!remaining.contains(row)) {
                row.forEach(Buffer::close);
            }
        }
        rows.clear();
        rows.addAll(remaining);
    }

    // ---- one new token of each row in a single call

    /** Whether these are one token of each row, which come after what is here. */
    public boolean continuesWithOneToken(Rows next) {
        if (next.count() != rows.size()) {
            return false;
        }
        for (int row = 0; row < rows.size(); row++) {
            if (next.lengths()[row] != 1 || length(row) == 0 || next.past()[row] != length(row)) {
                return false;
            }
        }
        return true;
    }

    /** What a module does to one new token of each row as a single call, or null if it cannot be written or has no parts. */
    public @Nullable TokenStep step(Module module, @Nullable RowSelection selection) {
        Optional<TokenStep> known = steps.get(module);
        if (known == null) {
            known = module.childModules().isEmpty()
                    ? Optional.empty()
                    : Optional.ofNullable(TokenScript.step(module, scope, selection));
            steps.put(module, known);
        }
        return known.orElse(null);
    }

    /** Makes room for one more token of each row in some layers. */
    public void makeRoom(int[] layers) {
        buffers(layers).forEach(buffer -> makeRoom(buffer, 1));
    }

    /** Notes that one more token of each row has been written to these layers' buffers. */
    public void extended(int[] layers) {
        buffers(layers).forEach(buffer -> buffer.length++);
    }

    /** The buffers of keys, layer by layer, row by row. */
    public List<NDArray> keys(int[] layers) {
        return buffers(layers).map(buffer -> Objects.requireNonNull(buffer.key)).toList();
    }

    /** The buffers of values, layer by layer, row by row. */
    public List<NDArray> values(int[] layers) {
        return buffers(layers)
                .map(buffer -> Objects.requireNonNull(buffer.value))
                .toList();
    }

    private Stream<Buffer> buffers(int[] layers) {
        return Arrays.stream(layers).boxed().flatMap(layer -> rows.stream().map(row -> row.get(layer)));
    }

    @Override
    public void close() {
        scope.close();
    }
}
