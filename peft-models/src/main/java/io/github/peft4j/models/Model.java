package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.internal.RowSelection;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.pretrained.Models;
import java.util.ArrayList;
import java.util.Arrays;
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
 * A transformer: a {@link Backbone} that makes hidden states of tokens, and a {@link Head} that makes outputs of these. The head says what the
 * model is for, and what it learns unless told otherwise.
 *
 * <p>A model owns the native memory of its weights and the file mappings they lie in; close it.
 *
 * <p>Safe for concurrent use as far as {@link #leases} go: any number of threads may compute with a model at once, and one may change or
 * close it meanwhile. Every pass has a lease, and so has whatever changes the model; who reads or changes weights and modules by hand, besides
 * other threads, takes one too.
 *
 * @param <H> its head
 */
public final class Model<H extends Head> extends Module implements AutoCloseable {

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
    private final Backbone backbone;
    private final H head;
    private final Anatomy anatomy;
    private final List<InputTransform> transforms = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private volatile @Nullable ModelOrigin origin;
    private volatile Pattern unusedTensors = ModelFamily.NONE;

    /**
     * Puts a model together.
     *
     * @param root the root of its weights, which belong to its scope
     * @param className Hugging Face's class
     * @param targets Hugging Face's customary module names by purpose
     */
    public Model(Weights root, Backbone backbone, H head, String className, Map<String, List<String>> targets) {
        this.scope = root.scope();
        this.precision = root.precision();
        this.backbone = backbone;
        this.head = head;
        child(Enclosing.outermost(backbone.name()), Enclosing.of(backbone.name(), backbone));
        adopt(head);
        boolean tied = head.outputWeight() == backbone.tokenTable();
        this.anatomy = backbone.anatomy(className, head.outputLayer(), tied, targets);
    }

    /** What makes hidden states of tokens. */
    public Backbone backbone() {
        return backbone;
    }

    /** What makes outputs of hidden states. */
    public H head() {
        return head;
    }

    /**
     * The same model, known to have a head of a kind.
     *
     * @throws IllegalArgumentException if it has another
     */
    @SuppressWarnings("unchecked")
    public <T extends Head> Model<T> with(Class<T> kind) {
        if (!kind.isInstance(head)) {
            throw new IllegalArgumentException(anatomy.className() + " has a head for " + head.task() + ", expected a "
                    + kind.getSimpleName() + ": load the checkpoint with that");
        }
        return (Model<T>) this;
    }

    /** The sizes. */
    public ModelConfig config() {
        return backbone.config();
    }

    /** Where the parts are. */
    public Anatomy anatomy() {
        return anatomy;
    }

    /**
     * V, the tokens that inputs may hold: the rows of the token embedding that is in use, which stands perhaps in the place of the
     * checkpoint's own. {@link #config} has the checkpoint's.
     */
    public int vocabSize() {
        return vocabSize(null);
    }

    /** {@link #vocabSize()} where rows choose as given; null if they do not. */
    public int vocabSize(@Nullable RowSelection selection) {
        return backbone.vocabSize(selection);
    }

    /** Paths of the layers whose tables have a row for each token, the token embedding first. */
    public List<String> tokenTables() {
        return head.predictsTokens()
                ? List.of(anatomy.inputEmbedding(), head.outputLayer())
                : List.of(anatomy.inputEmbedding());
    }

    // ---- computing

    /**
     * The hidden states of some tokens after the last norm, inputs changed as adapters have it.
     *
     * @param tokens numbers among all tokens, virtual ones included, int64 [M]; null for all N
     * @return [M, De] or [N, De]; with virtual tokens, N counts them
     * @throws IllegalArgumentException if a token id is not in the vocabulary, or a row is longer than the table of positions
     */
    public Activation hidden(Forward context, ModelInput input, @Nullable NDArray tokens) {
        return backbone.hidden(context, transformed(context, input), tokens);
    }

    /**
     * The hidden states of every token after the last norm: features for whatever one builds on them.
     *
     * @return [N, De] in the model's format, owned by {@code owner}; virtual tokens' included
     * @throws IllegalStateException if the model is closed, or rows choose a module that is no longer in it
     */
    public NDArray hiddenStates(Scope owner, ModelInput input) {
        try (Forward context = Forward.inference(scope())) {
            return owner.adopt(
                    backbone.hidden(context, begin(context, input), null).array());
        }
    }

    /**
     * The head's outputs, at the positions that it reads: of every token, or of each row.
     *
     * @return [M, C], owned by {@code owner}; of a head that reads every token, virtual tokens' included
     * @throws IllegalStateException if the model is closed, or rows choose a module that is no longer in it
     */
    public NDArray logits(Scope owner, ModelInput input) {
        try (Forward context = Forward.inference(scope())) {
            return owner.adopt(outputs(context, begin(context, input)).array());
        }
    }

    private Activation outputs(Forward context, ModelInput input) {
        if (head.readsEveryToken()) {
            try (Activation hidden = backbone.hidden(context, input, null)) {
                return head.forward(context.withChoices(input.rows().lengthened(input.virtualTokenCount())), hidden);
            }
        }
        try (NDArray tokens = context.scope().longs(head.positions(input));
                Activation hidden = backbone.hidden(context, input, tokens)) {
            return head.forward(context.withChoices(input.rows().ends()), hidden);
        }
    }

    /**
     * The input of a pass: after all changes, with a check that what rows choose is still here.
     *
     * @throws IllegalStateException if rows choose a module that is no longer in the model
     */
    public ModelInput begin(Forward context, ModelInput input) {
        RowSelection selection = input.rows().selection();
        if (selection != null) {
            selection.requirePartsOf(this);
        }
        return transformed(context, input);
    }

    /** Positions that the changes to inputs in force now put before every row: virtual tokens, keys and values. */
    public int positionsBefore() {
        try (Forward context = Forward.inference(scope())) {
            ModelInput input = transformed(context, ModelInput.of(List.of(new int[] {0})));
            return input.virtualTokenCount() + input.pastKeyValueCount();
        }
    }

    /**
     * Whether what rows begin with may be computed once for all of them in a pass: no token sees later ones, each row's values are alike, and
     * positions do not depend on how long a row is.
     */
    public boolean sharesBeginnings(Forward context, List<Row> rows) {
        int longest = rows.stream().mapToInt(Row::length).max().orElse(0);
        return backbone.causal()
                && longest + virtualTokens() <= anatomy.alikeUpTo()
                && (!context.dropoutApplies()
                        || modulesByPath().values().stream().noneMatch(Module::dropsActivations));
    }

    /**
     * The owner of the weights.
     *
     * @throws IllegalStateException if the model is closed
     */
    public Scope scope() {
        scope.leases().requireOpen();
        return scope;
    }

    /** Who may compute with this model now, and who may change it. */
    public Leases leases() {
        return scope.leases();
    }

    /** Where the weights came from, or null if they were not loaded. */
    public @Nullable ModelOrigin origin() {
        return origin;
    }

    /**
     * Says where the weights came from; {@link Models#load} does, and whoever resolved a hub id says it again with that.
     *
     * @param origin null for a model that was not loaded
     */
    public void setOrigin(@Nullable ModelOrigin origin) {
        this.origin = origin;
    }

    /** Full names of tensors that files of this model's weights may hold and that are not used: {@link ModelFamily#unusedTensors}. */
    public Pattern unusedTensors() {
        return unusedTensors;
    }

    /** Says which tensors of its files are not used; {@link io.github.peft4j.models.pretrained.Models} does. */
    public void setUnusedTensors(Pattern names) {
        unusedTensors = names;
    }

    /** The format that activations are computed in. */
    public Precision precision() {
        return precision;
    }

    /** Adds a change to every input. */
    public void addInputTransform(InputTransform transform) {
        transforms.add(transform);
    }

    /** Removes a change. */
    public void removeInputTransform(InputTransform transform) {
        transforms.remove(transform);
    }

    /** The virtual tokens that all changes put before every row. */
    public int virtualTokens() {
        return transforms.stream().mapToInt(InputTransform::virtualTokens).sum();
    }

    /**
     * The input after all changes.
     *
     * @throws IllegalStateException if they do not put as many virtual tokens before rows as they say
     */
    private ModelInput transformed(Forward context, ModelInput input) {
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
    public Map<String, Weight> trainableWeights() {
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
    public void freeze() {
        try (Lease change = leases().unnoticedChange()) {
            weightsByPath().values().forEach(weight -> weight.setTrainable(false));
        }
    }

    /** Number of parameters, shared ones counted once. */
    public long parameterCount() {
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
    public String describe() {
        return ModelDescription.of(anatomy().className(), this);
    }

    /** Ties the life of a resource, such as the checkpoint whose mapping the weights lie in, to this model's. */
    public void closeWithModel(AutoCloseable resource) {
        resources.add(resource);
    }

    // ---- as a DJL block: token ids [B, T] (and an attention mask [B, T]) to logits [B, T, V], or [B, C] of a head
    // that reads a place a
    // row; left padding and right padding alike

    /** Token ids, int64 [N], to outputs; the context says where the rows lie. */
    @Override
    public Activation forward(Forward context, Activation ids) {
        int[] tokens = Arrays.stream(ids.array().toLongArray())
                .mapToInt(Math::toIntExact)
                .toArray();
        return outputs(context, transformed(context, new ModelInput(tokens, context.rows(), null, List.of())));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        return PaddedBatch.logits(this, inputs);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        long outputs = head.predictsTokens()
                ? vocabSize()
                : head.outputWeight().shape().get(0);
        return new Shape[] {
            head.readsEveryToken() ? inputShapes[0].add(outputs) : new Shape(inputShapes[0].get(0), outputs)
        };
    }

    /**
     * Frees the weights and what is tied to the model; a second call does nothing. Where other threads compute with it, their next pass
     * fails with an {@link IllegalStateException}, and the memory is freed when the last pass under way has ended; nobody is waited for.
     */
    @Override
    public void close() {
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
