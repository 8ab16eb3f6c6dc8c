package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.Tape;
import io.github.peft4j.models.nn.internal.KeyValue;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.models.nn.internal.TokenStep;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass over one micro-batch: where its rows lie, the scope that owns what it makes, the tape if a backward pass will follow, the
 * key/value cache if tokens are being generated, and what its layers share (rotary tables, masks).
 *
 * <p>Close it to free everything the pass made. One thread. Until then the model can be neither changed nor freed by another thread: a pass
 * has a {@link io.github.peft4j.models.internal.lease.Leases#pass}; one that is recorded has the model for itself, since it leaves gradients.
 */
public final class Forward implements AutoCloseable {

    /** Settings of a pass that will be followed by a backward pass. */
    public record Recording(long seed, boolean recompute, boolean dropout) {}

    private final Scope scope;
    /** Of the pass itself; null for the same pass over other rows or on another tape. */
    private final @Nullable Lease lease;

    private final Rows rows;
    private final @Nullable Tape tape;
    private final @Nullable KeyValueCache cache;
    private final List<KeyValue> prefix;
    private final @Nullable Recording recording;
    private final Map<Object, Object> shared;
    private final DropoutSeeds dropouts;
    /** Whether each row has one new token, after others that the cache holds. */
    private final boolean continues;

    private Forward(
            Scope scope,
            @Nullable Lease lease,
            Rows rows,
            @Nullable Tape tape,
            @Nullable KeyValueCache cache,
            List<KeyValue> prefix,
            @Nullable Recording recording,
            Map<Object, Object> shared,
            DropoutSeeds dropouts) {
        this.scope = scope;
        this.lease = lease;
        this.rows = rows;
        this.tape = tape;
        this.cache = cache;
        this.prefix = prefix;
        this.recording = recording;
        this.shared = shared;
        this.dropouts = dropouts;
        this.continues = cache != null && tape == null && cache.continuesWithOneToken(rows);
    }

    /** A pass without a backward one, in a child of {@code owner}. */
    public static Forward inference(Scope owner, Rows rows) {
        return begun(owner, owner.leases().pass(), rows, null, null, null);
    }

    /** A pass of a whole model without a backward one; the model says where the rows lie. */
    public static Forward inference(Scope owner) {
        return inference(owner, Rows.of(1));
    }

    /** A pass of a whole model that adds keys and values to a cache. */
    public static Forward generating(Scope owner, KeyValueCache cache) {
        return begun(owner, owner.leases().pass(), Rows.of(1), null, cache, null);
    }

    /** A pass of a whole model that will be walked back, in a child of {@code owner}. */
    public static Forward recording(Scope owner, Recording recording) {
        return recording(owner, Rows.of(1), recording);
    }

    /** A pass that will be walked back, in a child of {@code owner}. */
    public static Forward recording(Scope owner, Rows rows, Recording recording) {
        return begun(owner, owner.leases().unnoticedChange(), rows, new Tape(), null, recording);
    }

    private static Forward begun(
            Scope owner,
            Lease lease,
            Rows rows,
            @Nullable Tape tape,
            @Nullable KeyValueCache cache,
            @Nullable Recording recording) {
        boolean begun = false;
        try {
            Forward pass = new Forward(
                    owner.child(),
                    lease,
                    rows,
                    tape,
                    cache,
                    List.of(),
                    recording,
                    new HashMap<>(),
                    new DropoutSeeds(recording));
            begun = true;
            return pass;
        } finally {
            if (!begun) {
                lease.close();
            }
        }
    }

    /** The same pass on another tape; results still belong to this pass's scope. */
    public Forward onTape(@Nullable Tape other) {
        return new Forward(scope, null, rows, other, cache, prefix, recording, shared, dropouts);
    }

    /** The same pass over other rows: tables and masks of the former rows are not reused. */
    public Forward withRows(Rows other) {
        return new Forward(scope, null, other, tape, cache, prefix, recording, new HashMap<>(), dropouts);
    }

    /** The same pass for a module that asks for rows only where they choose what applies to them. */
    public Forward withChoices(Rows other) {
        return other.selection() == null ? this : withRows(other);
    }

    /** The same pass with keys and values before every row, one pair per layer; positions start after them. */
    public Forward withPrefix(List<KeyValue> layers, int length) {
        return new Forward(scope, null, rows.after(length), tape, cache, layers, recording, new HashMap<>(), dropouts);
    }

    /** The numeric operations; results belong to this pass. */
    public Kernels kernels() {
        return scope.kernels();
    }

    /** The owner of what this pass makes. */
    public Scope scope() {
        return scope;
    }

    /** Where the rows lie. */
    public Rows rows() {
        return rows;
    }

    /**
     * The rows of this pass that a module applies to; null where rows do not choose, and the module's own state decides.
     *
     * @throws IllegalStateException if rows choose in a pass that a backward pass will follow
     */
    public RowSelection.@Nullable Reach reach(Module module) {
        RowSelection selection = rows.selection();
        if (selection != null && tape != null) {
            throw new IllegalStateException("Cannot pass `adapter_names` when the model is in training mode.");
        }
        return selection == null ? null : selection.reach(module);
    }

    private record TokensOf(BitSet rows) {}

    /** The numbers of the tokens of some rows, int64; they belong to this pass. */
    public NDArray tokens(BitSet chosen) {
        return shared(new TokensOf(chosen), () -> scope.longs(rows.tokensOf(chosen)));
    }

    /** The cache that tokens are generated with, or null. */
    public @Nullable KeyValueCache cache() {
        return cache;
    }

    /** What a module does in this pass as a single call, or null if it must run {@code forward}. */
    @Nullable
    TokenStep tokenStep(Module module) {
        return continues ? Objects.requireNonNull(cache).step(module, rows.selection()) : null;
    }

    /** Keys and values before every row in a layer, or null. */
    public @Nullable KeyValue prefix(int layer) {
        return prefix.isEmpty() ? null : prefix.get(layer);
    }

    /** Whether a backward pass will follow. */
    public boolean isRecording() {
        return tape != null;
    }

    /** Whether dropout applies. */
    public boolean dropoutApplies() {
        return dropouts.apply();
    }

    /** Whether each transformer block is to be computed again in the backward pass instead of saving what it needs. */
    public boolean recomputes() {
        return tape != null && recording != null && recording.recompute();
    }

    /**
     * A seed for the next dropout of this pass; the same sequence in a repeated run, and unlike that of a pass with the next seed.
     *
     * @throws IllegalStateException if dropout does not apply
     */
    public long nextDropoutSeed() {
        return dropouts.next();
    }

    /** A value computed once per pass and shared by all layers. */
    @SuppressWarnings("unchecked")
    public <T> T shared(Object key, Supplier<T> compute) {
        Object value = shared.get(key);
        if (value == null) {
            value = compute.get();
            shared.put(key, value);
        }
        return (T) value;
    }

    /**
     * Turns an operation's result into an activation: a recorded one if a backward pass follows and {@code needed}, otherwise a
     * constant, and then {@code saved} is closed at once.
     */
    public Activation record(NDArray output, boolean needed, List<NDArray> saved, Tape.SingleBackward backward) {
        if (tape == null || !needed) {
            saved.forEach(NDArray::close);
            return Activation.constant(output);
        }
        return tape.push(output, saved, backward);
    }

    /** A handle of the tape's own on values that a backward step will read; nothing if no step will run. */
    public List<NDArray> save(boolean needed, NDArray... arrays) {
        if (tape == null || !needed) {
            return List.of();
        }
        List<NDArray> handles = new ArrayList<>(arrays.length);
        for (NDArray array : arrays) {
            handles.add(scope.alias(array));
        }
        return handles;
    }

    /**
     * The tape.
     *
     * @throws IllegalStateException if no backward pass will follow
     */
    public Tape tape() {
        if (tape == null) {
            throw new IllegalStateException("this pass records nothing: no backward pass follows it");
        }
        return tape;
    }

    /** Whether an operation on {@code input} with these weights takes part in the backward pass. */
    public static boolean needsGradient(Activation input, @Nullable Weight... weights) {
        boolean needed = input.needsGradient();
        for (Weight weight : weights) {
            needed |= weight != null && weight.trainable();
        }
        return needed;
    }

    /** x + y, element by element. */
    public Activation add(Activation x, Activation y) {
        return sum(kernels().add(x.array(), y.array()), x, y);
    }

    /** The same for {@link Module#replay}: a gradient goes to x and y, but the values are those of x. */
    public Activation join(Activation x, Activation y) {
        return sum(scope.alias(x.array()), x, y);
    }

    private Activation sum(NDArray values, Activation x, Activation y) {
        Kernels k = kernels();
        return record(values, x.needsGradient() || y.needsGradient(), List.of(), g -> {
            if (x.needsGradient()) {
                x.accumulateShared(g, k);
            }
            if (y.needsGradient()) {
                y.accumulateShared(g, k);
            }
        });
    }

    /** The same values in another shape. */
    public Activation reshape(Activation x, long... shape) {
        Kernels k = kernels();
        long[] before = x.array().getShape().getShape();
        return record(k.reshape(x.array(), shape), x.needsGradient(), List.of(), g -> {
            // A view of memory that others may read as well.
            try (NDArray same = k.reshape(g, before)) {
                x.accumulateShared(same, k);
            }
        });
    }

    /**
     * Runs a module without saving what its backward needs and runs it again in the backward pass; dropout falls on the same places.
     */
    public Activation recompute(Module module, Activation x) {
        return Recomputation.run(this, module, x);
    }

    /** The keys and values before every row, one pair per layer, or none. */
    List<KeyValue> prefixes() {
        return prefix;
    }

    /** The seeds of dropouts, which all that is made from this pass shares. */
    DropoutSeeds dropouts() {
        return dropouts;
    }

    /** Walks the tape back from the gradients that were put into activations. */
    public void backward() {
        tape().backward();
    }

    @Override
    public void close() {
        if (lease == null) {
            return;
        }
        try (lease) {
            if (tape != null) {
                tape.close();
            }
            scope.close();
        }
    }
}
