package io.github.peft4j.models.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.internal.ModuleList;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All of a transformer but its head: a token embedding, perhaps tables of positions and types and a norm, blocks in a row and mostly a last norm. The
 * architectures differ in what they put in; kinds of model differ in what they put on top.
 *
 * <p>Where token embeddings are De wide and hidden states are not, a linear layer leads from De to D behind virtual tokens, and another one
 * from D to De at the end.
 */
public final class Decoder extends Backbone {

    /** The parts of a decoder under the names that its architecture gives them. */
    public static final class Plan {
        private final ModelConfig config;
        private final String name;
        private @Nullable Named<Embedding> tokens;
        private @Nullable Named<Embedding> positions;
        private int firstPosition;
        private @Nullable Integer uncounted;
        private @Nullable Named<Embedding> tokenTypes;
        private boolean causal = true;
        private boolean past = true;
        private @Nullable Named<Linear> embeddingProjection;
        private boolean projectedLast;
        private @Nullable Named<Module> embeddingNorm;
        private @Nullable Named<ModuleList> blocks;
        private @Nullable Named<Module> finalNorm;
        private @Nullable Named<Linear> outputProjection;
        private double embeddingScale = 1;
        private Function<String, @Nullable String> biasKeys = path -> null;

        /**
         * Begins a decoder.
         *
         * @param name the path that it has in Hugging Face's files
         */
        public Plan(ModelConfig config, String name) {
            this.config = config;
            this.name = name;
        }

        /** The token embedding. */
        public Plan tokens(String child, Embedding table) {
            this.tokens = new Named<>(child, table);
            return this;
        }

        /** A table of learned positions. */
        public Plan positions(String child, Embedding table) {
            return positions(child, table, 0);
        }

        /**
         * A table of learned positions that begins with other rows.
         *
         * @param first the row of a token without another before it
         */
        public Plan positions(String child, Embedding table, int first) {
            this.positions = new Named<>(child, table);
            this.firstPosition = first;
            return this;
        }

        /**
         * A table of learned positions as RoBERTa's: it begins behind the row of padding, which takes no position itself.
         *
         * @param padding the token, and the row, of padding
         */
        public Plan positionsBehindPadding(String child, Embedding table, int padding) {
            this.uncounted = padding;
            return positions(child, table.withPadding(padding), padding + 1);
        }

        /** A table of types of tokens; those of tokens of no type, as virtual ones, are 0. */
        public Plan tokenTypes(String child, Embedding table) {
            this.tokenTypes = new Named<>(child, table);
            return this;
        }

        /** Tokens see what comes after them, as the attentions of the blocks must have it. */
        public Plan bidirectional() {
            this.causal = false;
            return this;
        }

        /** Rows have no keys and values before them. */
        public Plan withoutPast() {
            this.past = false;
            return this;
        }

        /** A layer from the width of token embeddings to that of hidden states, and of the tables of positions and types. */
        public Plan embeddingProjection(String child, Linear layer) {
            this.embeddingProjection = new Named<>(child, layer);
            return this;
        }

        /** The same behind the norm of the embeddings: the tables are as wide as token embeddings. */
        public Plan projectionOfAllEmbeddings(String child, Linear layer) {
            this.projectedLast = true;
            return embeddingProjection(child, layer);
        }

        /** A norm of the embeddings. */
        public Plan embeddingNorm(String child, Module norm) {
            this.embeddingNorm = new Named<>(child, norm);
            return this;
        }

        /** What token embeddings, but not virtual tokens, are multiplied by. */
        public Plan embeddingScale(double factor) {
            this.embeddingScale = factor;
            return this;
        }

        /** The blocks, each made by its number. */
        public Plan blocks(String child, IntFunction<Module> block) {
            this.blocks = new Named<>(
                    child,
                    new ModuleList(
                            IntStream.range(0, config.layers()).mapToObj(block).toList()));
            return this;
        }

        /** The norm after the last block. */
        public Plan finalNorm(String child, Module norm) {
            this.finalNorm = new Named<>(child, norm);
            return this;
        }

        /** A layer behind that norm, from the width of hidden states to that of what heads read. */
        public Plan outputProjection(String child, Linear layer) {
            this.outputProjection = new Named<>(child, layer);
            return this;
        }

        /** Says which key of the config decides whether the linear layer at a path below its block has a bias, or null for none. */
        public Plan biasKeys(Function<String, @Nullable String> keys) {
            this.biasKeys = keys;
            return this;
        }

        /** Puts the parts together. */
        public Decoder build() {
            return new Decoder(this);
        }
    }

    private record Named<M extends Module>(String name, M module) {}

    private final Plan plan;
    private final Named<Embedding> embedding;
    private final Slot tokens;
    private final AddedTables added;
    private final @Nullable Slot embeddingProjection;
    private final @Nullable Slot embeddingNorm;
    private final Slot blocks;
    private final @Nullable Slot norm;
    private final @Nullable Slot outputProjection;
    private final DecoderAnatomy declared;

    private Decoder(Plan plan) {
        this.plan = plan;
        embedding = Objects.requireNonNull(plan.tokens, "a decoder needs a token embedding");
        Named<ModuleList> list = Objects.requireNonNull(plan.blocks, "a decoder needs blocks");
        tokens = child(embedding.name(), embedding.module());
        added = new AddedTables(
                plan.config.modelType(),
                child(plan.tokenTypes),
                child(plan.positions),
                plan.firstPosition,
                plan.uncounted,
                plan.config.maxPositions());
        embeddingProjection = child(plan.embeddingProjection);
        embeddingNorm = child(plan.embeddingNorm);
        blocks = child(list.name(), list.module());
        norm = child(plan.finalNorm);
        outputProjection = child(plan.outputProjection);
        declared = new DecoderAnatomy(
                embedding.name(),
                plan.embeddingScale,
                name(plan.positions),
                name(plan.tokenTypes),
                declared(plan.embeddingProjection),
                name(plan.embeddingNorm),
                name(plan.finalNorm),
                declared(plan.outputProjection),
                list.name(),
                list.module(),
                plan.biasKeys,
                DecoderAnatomy.scheme(plan.positions != null, list.module()),
                DecoderAnatomy.alikeUpTo(list.module()));
    }

    private @Nullable Slot child(@Nullable Named<? extends Module> part) {
        return part == null ? null : child(part.name(), part.module());
    }

    private static @Nullable String name(@Nullable Named<? extends Module> part) {
        return part == null ? null : part.name();
    }

    private static Anatomy.@Nullable LinearLayer declared(@Nullable Named<Linear> part) {
        return part == null
                ? null
                : new Anatomy.LinearLayer(part.name(), part.module().bias() != null, null);
    }

    @Override
    public String name() {
        return plan.name;
    }

    @Override
    public ModelConfig config() {
        return plan.config;
    }

    @Override
    public boolean causal() {
        return plan.causal;
    }

    @Override
    public int tokenTypes() {
        return plan.tokenTypes == null
                ? 0
                : Math.toIntExact(plan.tokenTypes.module().weight().shape().get(0));
    }

    @Override
    public Weight tokenTable() {
        return embedding.module().weight();
    }

    @Override
    public int vocabSize(@Nullable RowSelection selection) {
        Embedding table = (Embedding) Wrapper.innermost(tokens.module(), selection);
        return Math.toIntExact(table.weight().shape().get(0));
    }

    @Override
    public Anatomy anatomy(String place, String className, @Nullable String head, boolean headIsTied) {
        return declared.of(place, plan.config, className, head, headIsTied, cache());
    }

    /** {@inheritDoc} The last block computes no others. */
    @Override
    public Activation hidden(Forward context, ModelInput input, @Nullable NDArray at) {
        ModelInput.requireTokens(input.tokenIds(), vocabSize(input.rows().selection()));
        input.requireTypes(tokenTypes(), plan.config.modelType());
        try (Activation ids = Activation.constant(context.scope().longs(input.tokenIds()))) {
            Activation embedded =
                    embed(input.rows().selection() == null ? context : context.withRows(input.rows()), ids);
            Forward inner = context.withRows(input.rows());
            if (input.virtualTokens() != null) {
                Activation longer = VirtualTokens.prepend(context, input.virtualTokens(), embedded, input.rows());
                embedded.close();
                embedded = longer;
                inner = context.withRows(input.rows().lengthened(input.virtualTokenCount()));
            }
            if (!input.pastKeyValues().isEmpty()) {
                Precision precision = context.kernels().precision(embedded.array());
                inner = PastKeyValues.before(inner, input, plan.config.modelType(), cache(), precision);
            }
            int[] counted = input.virtualTokens() == null ? input.tokenIds() : new int[0];
            return run(inner, place(inner, embedded, input.types(), counted), at);
        }
    }

    private Activation embed(Forward context, Activation ids) {
        Activation embedded = tokens.forward(context, ids);
        if (plan.embeddingScale == 1) {
            return embedded;
        }
        try (embedded) {
            return Functions.scaled(context, embedded, plan.embeddingScale);
        }
    }

    private Anatomy.@Nullable CacheGeometry cache() {
        ModelConfig config = plan.config;
        return plan.past ? new Anatomy.CacheGeometry(config.layers(), config.keyValueHeads(), config.headSize()) : null;
    }

    /**
     * Changes the width, adds types and positions and normalises, as the architecture has it; closes its input.
     *
     * @param types of all tokens, virtual ones included; empty where all are 0
     * @param ids of all tokens, empty where some are virtual
     */
    private Activation place(Forward context, Activation embedded, long[] types, int[] ids) {
        Activation x = plan.projectedLast ? embedded : passed(context, embeddingProjection, embedded);
        Activation placed = passed(context, embeddingNorm, added.to(context, x, types, ids));
        return plan.projectedLast ? passed(context, embeddingProjection, placed) : placed;
    }

    /** What a module makes of a value, which is closed; the value itself where there is none. */
    private static Activation passed(Forward context, @Nullable Slot module, Activation x) {
        if (module == null) {
            return x;
        }
        try (x) {
            return module.forward(context, x);
        }
    }

    private Activation run(Forward context, Activation x, @Nullable NDArray at) {
        Activation hidden = at == null ? blocks.forward(context, x) : blocks.forwardAt(context, x, at);
        x.close();
        return passed(context, outputProjection, passed(context, norm, hidden));
    }

    /** Token ids, int64 [N], to hidden states [N, De]; the context says where the rows lie. */
    @Override
    public Activation forward(Forward context, Activation ids) {
        int[] tokens = Arrays.stream(ids.array().toLongArray())
                .mapToInt(Math::toIntExact)
                .toArray();
        return hidden(context, new ModelInput(tokens, context.rows(), null, List.of()), null);
    }
}
