package io.github.peft4j.models;

import io.github.peft4j.models.internal.head.NewLayers;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What stands on a {@link Backbone} and makes a model of it that does something: from hidden states to outputs. It has no name of its own
 * in Hugging Face's files: its children stand beside the backbone.
 *
 * <p>{@link #forward} takes the hidden states [M, De] that the head reads, of every token or pooled by {@link #pooling} to one a row, and gives outputs [M, C].
 */
public abstract class Head extends Module {

    private final @Nullable String name;
    private final @Nullable Linear layer;
    private final @Nullable Slot slot;
    private final @Nullable Transform transform;
    private final Origin origin;

    /**
     * A head with an output layer that the checkpoint holds.
     *
     * @param name of the output layer, which stands beside the backbone
     * @param layer the last linear layer, [C, De]
     */
    protected Head(String name, Linear layer) {
        this(null, name, layer, Origin.CHECKPOINT);
    }

    /**
     * A head with an output layer and what comes before it.
     *
     * @param transform what becomes of hidden states first, or null for nothing
     * @param name of the output layer, which stands beside the backbone
     * @param layer the last linear layer, [C, F]
     * @param origin where its layers are from
     */
    protected Head(@Nullable Transform transform, String name, Linear layer, Origin origin) {
        this.transform = transform;
        this.origin = origin;
        if (transform != null && !transform.isInsideBackbone()) {
            adopt(transform);
        }
        this.name = name;
        this.layer = layer;
        this.slot = child(name, layer);
    }

    /**
     * A head without an output layer: the model is its backbone, and has no name around it.
     *
     * @param transform what stands in the backbone and is not used, or null
     * @param origin where that is from
     */
    protected Head(@Nullable Transform transform, Origin origin) {
        this.transform = transform;
        this.origin = origin;
        this.name = null;
        this.layer = null;
        this.slot = null;
    }

    /** The task's name, for example {@code causal-lm}. */
    public abstract String task();

    /** Path of the output layer, or null if there is none. */
    public final @Nullable String outputLayer() {
        return name;
    }

    /** The weight, [C, F], that the output layer was built with, or null if there is none. */
    public final @Nullable Weight outputWeight() {
        return layer == null ? null : layer.weight();
    }

    /** The width of its outputs in a model. */
    protected int width(Model<?> model) {
        if (layer == null) {
            return model.config().outputSize();
        }
        return predictsTokens()
                ? model.vocabSize()
                : Math.toIntExact(layer.weight().shape().get(0));
    }

    /** Paths of tables with a row for each token, in a model whose token embedding is at a path. */
    final List<String> tokenTables(String embedding) {
        return name != null && predictsTokens() ? List.of(embedding, name) : List.of(embedding);
    }

    /** What comes before the output layer, or null. */
    final @Nullable Transform transform() {
        return transform;
    }

    /** What the output layer in use, with what stands around it, makes of hidden states [M, De] after the transform: [M, C]. */
    protected final Activation output(Forward context, Activation hidden) {
        Slot last = Objects.requireNonNull(slot, "a head without an output layer makes nothing of its own");
        if (transform == null) {
            return last.module().forward(context, hidden);
        }
        try (Activation made = transform.forward(context, hidden)) {
            return last.module().forward(context, made);
        }
    }

    /** Whether the output layer has a row for each token of the vocabulary. */
    public boolean predictsTokens() {
        return false;
    }

    /** How hidden states of a row become the one that its outputs are of; null if outputs are of every token. */
    public @Nullable Pooling pooling() {
        return null;
    }

    /** Whether outputs are of every token; otherwise they are of rows. */
    public final boolean readsEveryToken() {
        return pooling() == null;
    }

    /** Where the tokens that are pooled lie: all of each row, virtual ones included. */
    protected Pooling.Spans spans(ModelInput input) {
        long[] last = input.ends();
        long[] first = new long[last.length];
        Arrays.setAll(first, row -> last[row] + 1 - input.rows().lengths()[row] - input.virtualTokenCount());
        return new Pooling.Spans(first, last);
    }

    /** What a model with this head learns unless told otherwise. */
    public abstract Objective objective();

    /**
     * What the config of a model with this head must say, if it was loaded from a checkpoint with another.
     *
     * @param changes values by key that count instead of those in the checkpoint's config
     */
    public Map<String, Object> config(Map<String, Object> changes) {
        Map<String, Object> all = new LinkedHashMap<>(changes);
        all.putAll(origin.config());
        return all;
    }

    /**
     * Writes the files that a checkpoint with this head has beside config, weights and tokenizer; most have none.
     *
     * @throws IOException if one cannot be read or written
     */
    public void saveBeside(Beside folder) throws IOException {}

    /** Takes files of a checkpoint that is being written. */
    public interface Beside {

        /**
         * Writes a text.
         *
         * @param name of the file, or a folder's name, {@code /} and that
         * @throws IOException if writing fails
         */
        void text(String name, String text) throws IOException;

        /**
         * Copies a file.
         *
         * @param name as of a text
         * @throws IOException if reading or writing fails
         */
        void copy(String name, Path file) throws IOException;
    }

    /**
     * What its outputs are called and are, as values of a config by key, for an adapter's folder, in which there is none; nothing if there is no
     * more to say than how many there are.
     */
    public Map<String, Object> told() {
        return Map.of();
    }

    /** Paths of the layers that the checkpoint had no weights for, so that they were drawn at random; training is what they need. */
    public final List<String> newLayers() {
        return origin.newLayers();
    }

    /** Hidden states [M, De] to outputs [M, C]. */
    @Override
    public Activation forward(Forward context, Activation hidden) {
        return output(context, hidden);
    }

    /**
     * Its outputs for an input, of every token or of each row.
     *
     * @param input after all changes
     * @return [M, C]
     */
    final Activation outputs(Forward context, Backbone backbone, ModelInput input) {
        Pooling pooling = pooling();
        if (pooling == null) {
            try (Activation hidden = backbone.hidden(context, input, null)) {
                return forward(context.withChoices(input.rows().lengthened(input.virtualTokenCount())), hidden);
            }
        }
        try (Activation read = pooling.of(context, tokens -> backbone.hidden(context, input, tokens), spans(input))) {
            return forward(context.withChoices(input.rows().ends()), read);
        }
    }

    /**
     * Where a head is from.
     *
     * @param newLayers paths of the layers that the checkpoint had no weights for
     * @param config what the checkpoint's config does not say of the head
     */
    public record Origin(List<String> newLayers, Map<String, Object> config) {

        /** A checkpoint with this head. */
        public static final Origin CHECKPOINT = new Origin(List.of(), Map.of());

        /** Copies both. */
        public Origin {
            newLayers = List.copyOf(newLayers);
            config = Map.copyOf(config);
        }
    }

    /**
     * A head that an architecture can have: how it is found in checkpoints and built.
     *
     * @param type its class
     * @param className Hugging Face's class of the architecture with this head, for example {@code LlamaForCausalLM}
     * @param reads whether a checkpoint of one of Hugging Face's classes can be loaded with this head
     * @param unused full names of tensors that such checkpoints may hold and that are not used
     * @param builder takes the head's weights
     */
    public record Kind<H extends Head>(
            Class<H> type, String className, Predicate<String> reads, Pattern unused, Builder<H> builder) {

        /** Takes a head's weights. */
        @FunctionalInterface
        public interface Builder<H extends Head> {

            /** Builds it; problems with tensors are noted in the weights. */
            H build(Source source);
        }

        /**
         * What a head is built from.
         *
         * @param json the checkpoint's config, with what the caller says otherwise
         * @param config its sizes
         * @param root the checkpoint's root, where the head is
         * @param tokenEmbedding where the token embedding's weight is, for a head that shares it
         * @param layers gives the head its layers, new ones where the checkpoint has none
         * @param folder where the checkpoint lies, for what a head has beside config and weights; null if it lies nowhere
         */
        public record Source(
                ConfigJson json,
                ModelConfig config,
                Weights root,
                Weights tokenEmbedding,
                NewLayers layers,
                @Nullable Path folder) {

            /** Where the layers that {@code layers} gave so far are from, for a model of a class. */
            public Origin origin(String className) {
                boolean said = json.texts("architectures").contains(className);
                return new Origin(layers.paths(), said ? Map.of() : Map.of("architectures", List.of(className)));
            }
        }

        /** Whether a class is of the same architecture as another, whatever its head. */
        public static Predicate<String> sameArchitecture(String className) {
            String architecture = architecture(className).toLowerCase(Locale.ROOT);
            return name -> architecture(name).toLowerCase(Locale.ROOT).startsWith(architecture);
        }

        /** The same, which reads checkpoints of another of Hugging Face's classes too. */
        public Kind<H> reading(String other) {
            return new Kind<>(type, className, reads.or(other::equals), unused, builder);
        }

        /** The architecture's name in Hugging Face's classes, for example {@code Llama}. */
        public static String architecture(String className) {
            return className.replaceFirst("(For|LMHead)\\w+$", "");
        }
    }
}
