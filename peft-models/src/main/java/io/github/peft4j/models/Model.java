package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.internal.DistinctWeights;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.models.text.template.internal.ModelTexts;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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
    private final InputTransforms transforms = new InputTransforms();
    private final ModelTexts texts = new ModelTexts();
    private final OwnedResources resources = new OwnedResources();
    private final UntrainedLayers untrained;
    private volatile @Nullable ModelOrigin origin;

    /**
     * Puts a model together.
     *
     * @param root the root of its weights, which belong to its scope
     * @param className Hugging Face's class
     */
    public Model(Weights root, Backbone backbone, H head, String className) {
        this.scope = root.scope();
        this.precision = root.precision();
        this.backbone = backbone;
        this.head = head;
        String place = backbone.join(head);
        if (place.isEmpty()) {
            adopt(backbone);
        } else {
            child(place, backbone);
        }
        adopt(head);
        this.anatomy = backbone.anatomy(place, className, head);
        this.untrained = new UntrainedLayers(this);
        closeWithModel(texts);
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

    /** C, the width of outputs: what the output layer in use makes, or that of hidden states where there is none. */
    public int outputs() {
        return head.width(this);
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
        return backbone.vocabSize(null);
    }

    /** Paths of the layers whose tables have a row for each token, the token embedding first. */
    public List<String> tokenTables() {
        return head.tokenTables(anatomy.inputEmbedding());
    }

    /**
     * The hidden states of some tokens after the last norm, inputs changed as adapters have it.
     *
     * @param tokens numbers among all tokens, virtual ones included, int64 [M]; null for all N
     * @return [M, De] or [N, De]; with virtual tokens, N counts them
     * @throws IllegalArgumentException if a token id is not in the vocabulary, or a row is longer than the table of positions
     */
    public Activation hidden(Forward context, ModelInput input, @Nullable NDArray tokens) {
        untrained.used(context);
        return backbone.hidden(context, transforms.apply(context, input), tokens);
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
            return owner.adopt(
                    head.outputs(context, backbone, begin(context, input)).array());
        }
    }

    /**
     * The input of a pass: after all changes, with a check that what rows choose is still here.
     *
     * @throws IllegalStateException if rows choose a module that is no longer in the model
     */
    public ModelInput begin(Forward context, ModelInput input) {
        untrained.used(context);
        RowSelection selection = input.rows().selection();
        if (selection != null) {
            selection.requirePartsOf(this);
        }
        return transforms.apply(context, input);
    }

    /** Positions that the changes to inputs in force now put before every row: virtual tokens, keys and values. */
    public int positionsBefore() {
        try (Forward context = Forward.inference(scope())) {
            ModelInput input = transforms.apply(context, ModelInput.of(List.of(new int[] {0})));
            return input.virtualTokenCount() + input.pastKeyValueCount();
        }
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

    /** Says where the weights came from, null for nowhere; {@link Models#load} does. */
    public void setOrigin(@Nullable ModelOrigin origin) {
        this.origin = origin;
    }

    /**
     * The tokenizer in use, opened when it is first asked for and closed with the model: that of the folder that the model was loaded from,
     * unless what is attached to the model brings one with it.
     *
     * @throws CheckpointException if there is none, or it is damaged
     * @throws IllegalStateException if the model was not loaded from a folder, or is closed
     */
    public Tokenizer tokenizer() throws CheckpointException {
        return text().requireTokenizer();
    }

    /**
     * The chat template in use, which lies beside the {@link #tokenizer}, or else in the folder that the model was loaded from.
     *
     * @throws CheckpointException if there is none, as base models have none, or it cannot be read
     * @throws IllegalStateException if the model was not loaded from a folder, or is closed
     */
    public ChatTemplate chatTemplate() throws CheckpointException {
        return text().requireChatTemplate();
    }

    /** What makes token ids of text now, of which some may be missing; closed with the model. */
    public ModelText text() {
        leases().requireOpen();
        ModelOrigin from = origin;
        return texts.inUse(from == null ? null : from.folder());
    }

    /** Says of which folder the tokenizer is to be used, if not of the model's own: whatever changes the model's tokens does. */
    public void setTextFolder(Supplier<Optional<Path>> folder) {
        texts.use(folder);
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
        return transforms.virtualTokens();
    }

    /** Every trainable weight once, under the first path it is found at. */
    public Map<String, Weight> trainableWeights() {
        return DistinctWeights.trainable(this);
    }

    /** Freezes every weight. */
    public void freeze() {
        try (Lease change = leases().unnoticedChange()) {
            weightsByPath().values().forEach(weight -> weight.setTrainable(false));
        }
    }

    /** Number of parameters, shared ones counted once. */
    public long parameterCount() {
        try (Lease pass = leases().pass()) {
            return DistinctWeights.count(this);
        }
    }

    /** The modules and weights under their names, wrappers included, as an indented text for people, laid out as PyTorch prints a module. */
    public String describe() {
        return ModelDescription.of(anatomy().className(), this);
    }

    /** Ties the life of a resource, such as the checkpoint whose mapping the weights lie in, to this model's. */
    public void closeWithModel(AutoCloseable resource) {
        resources.add(resource);
    }

    // ---- as a DJL block: token ids [B, T] (and an attention mask, and token types) to logits, padded on either side

    /** Token ids, int64 [N], to outputs; the context says where the rows lie. */
    @Override
    public Activation forward(Forward context, Activation ids) {
        int[] tokens = Arrays.stream(ids.array().toLongArray())
                .mapToInt(Math::toIntExact)
                .toArray();
        return head.outputs(
                context, backbone, transforms.apply(context, new ModelInput(tokens, context.rows(), null, List.of())));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        return PaddedBatch.logits(this, inputs);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {PaddedBatch.outputShape(this, inputShapes[0])};
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
        resources.close();
    }
}
