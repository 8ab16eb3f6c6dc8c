package io.github.peft4j.models;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.lease.Lease;
import io.github.peft4j.models.lease.Leases;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A transformer: from inputs to outputs, and from examples to a loss. What the outputs are, and what the loss is, each kind of model
 * says for itself.
 *
 * <p>A model owns the native memory of its weights and the file mappings they lie in; close it.
 *
 * <p>Safe for concurrent use as far as {@link #leases} go: any number of threads may compute with a model at once, and one may change or
 * close it meanwhile. Every pass has a lease, and so has whatever changes the model; who reads or changes weights and modules by hand, besides
 * other threads, takes one too.
 */
public abstract class Model extends Module implements AutoCloseable {

    /** A change to every input before the model sees it; how virtual tokens and prefixes come in. */
    @FunctionalInterface
    public interface InputTransform {
        /** Returns the input to use instead. */
        ModelInput apply(Forward context, ModelInput input);

        /** How many virtual tokens it puts before every row. */
        default int virtualTokens() {
            return 0;
        }
    }

    private final Scope scope;
    private final Precision precision;
    private final List<InputTransform> transforms = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private volatile @Nullable ModelOrigin origin;
    private volatile Pattern unusedTensors = ModelFamily.NONE;

    /** A model whose weights belong to {@code scope}. */
    protected Model(Scope scope, Precision precision) {
        this.scope = scope;
        this.precision = precision;
    }

    /** The sizes. */
    public abstract ModelConfig config();

    /** Where the parts are. */
    public abstract Anatomy anatomy();

    /**
     * V, the tokens that inputs may hold: the rows of the token embedding that is in use, which stands perhaps in the place of the
     * checkpoint's own. {@link #config} has the checkpoint's.
     */
    public final int vocabSize() {
        return vocabSize(null);
    }

    /** {@link #vocabSize()} where rows choose as given; null if they do not. */
    public abstract int vocabSize(@Nullable RowSelection selection);

    /** Paths of the layers whose tables have a row for each token, the token embedding first. */
    public List<String> tokenTables() {
        return List.of(anatomy().inputEmbedding());
    }

    /**
     * The hidden states after the last norm.
     *
     * @return [N, D]; with virtual tokens, N counts them
     */
    protected abstract Activation encode(Forward context, ModelInput input);

    /**
     * The summed loss of labelled rows; in a recorded pass also puts the gradients in place, to be walked back by
     * {@link Forward#backward}.
     *
     * @param weight multiplies the gradients: one over the supervised items of the whole accumulated batch
     */
    public abstract double loss(Forward context, Batch rows, double weight);

    /** The items of these rows that {@link #loss} sums over, with the changes to inputs in force now. */
    public abstract int supervisedItems(Batch rows);

    /**
     * The owner of the weights.
     *
     * @throws IllegalStateException if the model is closed
     */
    public final Scope scope() {
        scope.leases().requireOpen();
        return scope;
    }

    /** Who may compute with this model now, and who may change it. */
    public final Leases leases() {
        return scope.leases();
    }

    /** Where the weights came from, or null if they were not loaded. */
    public final @Nullable ModelOrigin origin() {
        return origin;
    }

    /**
     * Says where the weights came from; {@link Models#load} does, and whoever resolved a hub id says it again with that.
     *
     * @param origin null for a model that was not loaded
     */
    public final void setOrigin(@Nullable ModelOrigin origin) {
        this.origin = origin;
    }

    /** Full names of tensors that files of this model's weights may hold and that are not used: {@link ModelFamily#unusedTensors}. */
    public final Pattern unusedTensors() {
        return unusedTensors;
    }

    final void setUnusedTensors(Pattern names) {
        unusedTensors = names;
    }

    /** The format that activations are computed in. */
    public final Precision precision() {
        return precision;
    }

    /** Adds a change to every input. */
    public final void addInputTransform(InputTransform transform) {
        transforms.add(transform);
    }

    /** Removes a change. */
    public final void removeInputTransform(InputTransform transform) {
        transforms.remove(transform);
    }

    /** The virtual tokens that all changes put before every row. */
    protected final int virtualTokens() {
        return transforms.stream().mapToInt(InputTransform::virtualTokens).sum();
    }

    /**
     * The input after all changes.
     *
     * @throws IllegalStateException if they do not put as many virtual tokens before rows as they say
     */
    protected final ModelInput transformed(Forward context, ModelInput input) {
        ModelInput changed = input;
        for (InputTransform transform : transforms) {
            changed = transform.apply(context, changed);
        }
        int expected = input.virtualTokenCount() + virtualTokens();
        if (changed.virtualTokenCount() != expected) {
            throw new IllegalStateException("the changes to inputs were to give " + expected
                    + " virtual tokens before each row, but gave " + changed.virtualTokenCount());
        }
        return changed;
    }

    /** Every trainable weight once, under the first path it is found at. */
    public final Map<String, Weight> trainableWeights() {
        Map<String, Weight> found = new LinkedHashMap<>();
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        weightsByPath().forEach((path, weight) -> {
            if (weight.trainable() && seen.add(weight)) {
                found.put(path, weight);
            }
        });
        return found;
    }

    /** Freezes every weight. */
    public final void freeze() {
        try (Lease change = leases().unnoticedChange()) {
            weightsByPath().values().forEach(weight -> weight.setTrainable(false));
        }
    }

    /** Number of parameters, shared ones counted once. */
    public final long parameterCount() {
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        try (Lease pass = leases().pass()) {
            return weightsByPath().values().stream()
                    .filter(seen::add)
                    .mapToLong(Weight::size)
                    .sum();
        }
    }

    /**
     * The modules and weights under their names, wrappers around them included, as an indented text for people: for each weight its shape
     * and number format, and whether it is trainable. Laid out as PyTorch prints a module.
     */
    public final String describe() {
        return ModelDescription.of(anatomy().className(), this);
    }

    /** Ties the life of a resource, such as the checkpoint whose mapping the weights lie in, to this model's. */
    public final void closeWithModel(AutoCloseable resource) {
        resources.add(resource);
    }

    /**
     * Frees the weights and what is tied to the model; a second call does nothing. Where other threads compute with it, their next pass
     * fails with an {@link IllegalStateException}, and the memory is freed when the last pass under way has ended; nobody is waited for.
     */
    @Override
    public final void close() {
        leases().close(this::free);
    }

    private void free() {
        scope.close();
        @Nullable IllegalStateException failure = null;
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("could not close all of the model", e) : failure;
                failure.addSuppressed(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
