package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.KeyValue;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.ModuleList;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All of a decoder but its head: a token embedding, perhaps a table of positions and a norm, blocks in a row and a last norm. The
 * architectures differ in what they put in; kinds of model differ in what they put on top.
 */
public final class Decoder extends Backbone {

    /** The parts of a decoder, filled in by its architecture. */
    public static final class Plan {
        private final ModelConfig config;
        private final DecoderNames names;
        private final Embedding tokens;
        private final Module finalNorm;
        private final List<Module> blocks;
        private final Anatomy.PositionScheme scheme;
        private @Nullable Embedding positions;
        private @Nullable Module embeddingNorm;
        private Function<String, @Nullable String> biasKeys = path -> null;

        /**
         * The parts that every decoder has.
         *
         * @param tokens the token embedding
         * @param block makes the block of a number
         * @param finalNorm the norm after the last block
         * @param scheme how positions enter
         */
        public Plan(
                ModelConfig config,
                DecoderNames names,
                Embedding tokens,
                IntFunction<Module> block,
                Module finalNorm,
                Anatomy.PositionScheme scheme) {
            this.config = config;
            this.names = names;
            this.tokens = tokens;
            this.blocks = IntStream.range(0, config.layers()).mapToObj(block).toList();
            this.finalNorm = finalNorm;
            this.scheme = scheme;
        }

        /** Adds a table of learned positions. */
        public Plan positions(Embedding table) {
            this.positions = table;
            return this;
        }

        /** Adds a norm of the embeddings. */
        public Plan embeddingNorm(Module norm) {
            this.embeddingNorm = norm;
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

    private final Plan plan;
    private final Slot tokens;
    private final @Nullable Slot positions;
    private final @Nullable Slot embeddingNorm;
    private final Slot blocks;
    private final Slot norm;
    private final List<Anatomy.Block> paths;

    private Decoder(Plan plan) {
        this.plan = plan;
        DecoderNames names = plan.names;
        tokens = child(names.embedding(), plan.tokens);
        positions = names.positions() == null ? null : child(names.positions(), Objects.requireNonNull(plan.positions));
        embeddingNorm = names.embeddingNorm() == null
                ? null
                : child(names.embeddingNorm(), Objects.requireNonNull(plan.embeddingNorm));
        blocks = child(names.blocks(), new ModuleList(plan.blocks));
        norm = child(names.finalNorm(), plan.finalNorm);
        paths = IntStream.range(0, plan.blocks.size())
                .mapToObj(layer -> names.block(layer, linears(layer)))
                .toList();
    }

    private List<Anatomy.LinearLayer> linears(int layer) {
        String path = plan.names.blockPath(layer);
        return plan.blocks.get(layer).modulesByPath().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Linear)
                .map(entry -> new Anatomy.LinearLayer(
                        path + "." + entry.getKey(),
                        ((Linear) entry.getValue()).bias() != null,
                        plan.biasKeys.apply(entry.getKey())))
                .toList();
    }

    @Override
    public String name() {
        return plan.names.backbone();
    }

    @Override
    public ModelConfig config() {
        return plan.config;
    }

    @Override
    public boolean causal() {
        return true;
    }

    @Override
    public Weight tokenTable() {
        return plan.tokens.weight();
    }

    @Override
    public int vocabSize(@Nullable RowSelection selection) {
        Embedding table = (Embedding) Wrapper.innermost(tokens.module(), selection);
        return Math.toIntExact(table.weight().shape().get(0));
    }

    @Override
    public Anatomy anatomy(
            String className, @Nullable String head, boolean headIsTied, Map<String, List<String>> targets) {
        ModelConfig config = plan.config;
        DecoderNames names = plan.names;
        return new Anatomy(
                config.modelType(),
                className,
                paths,
                name() + "." + names.embedding(),
                names.positions() == null ? null : name() + "." + names.positions(),
                names.embeddingNorm() == null ? null : name() + "." + names.embeddingNorm(),
                name() + "." + names.finalNorm(),
                head,
                headIsTied,
                cache(),
                plan.scheme,
                config.maxPositions(),
                targets);
    }

    /** {@inheritDoc} The last block computes no others. */
    @Override
    public Activation hidden(Forward context, ModelInput input, @Nullable NDArray at) {
        ModelInput.requireTokens(input.tokenIds(), vocabSize(input.rows().selection()));
        try (Activation ids = Activation.constant(context.scope().longs(input.tokenIds()))) {
            Activation embedded =
                    tokens.forward(input.rows().selection() == null ? context : context.withRows(input.rows()), ids);
            Forward inner = context.withRows(input.rows());
            if (input.virtualTokens() != null) {
                Activation longer = VirtualTokens.prepend(context, input.virtualTokens(), embedded, input.rows());
                embedded.close();
                embedded = longer;
                inner = context.withRows(input.rows().lengthened(input.virtualTokenCount()));
            }
            if (!input.pastKeyValues().isEmpty()) {
                Precision precision = context.kernels().precision(embedded.array());
                inner = inner.withPrefix(
                        converted(context, input.pastKeyValues(), precision), input.pastKeyValueCount());
            }
            return run(inner, place(inner, embedded), at);
        }
    }

    private List<KeyValue> converted(Forward context, List<KeyValue> pairs, Precision precision) {
        Anatomy.CacheGeometry cache = cache();
        if (pairs.size() != cache.layers()) {
            throw new IllegalArgumentException("past keys and values of " + pairs.size() + " layers, but "
                    + plan.config.modelType() + " has " + cache.layers());
        }
        return pairs.stream()
                .map(pair -> new KeyValue(context.cast(pair.key(), precision), context.cast(pair.value(), precision)))
                .toList();
    }

    private Anatomy.CacheGeometry cache() {
        ModelConfig config = plan.config;
        return new Anatomy.CacheGeometry(config.layers(), config.keyValueHeads(), config.headSize());
    }

    /** Adds positions and normalises, as the architecture has it; closes its input. */
    private Activation place(Forward context, Activation embedded) {
        Activation x = embedded;
        if (positions != null) {
            requireRoom(context);
            try (NDArray numbers = context.scope().longs(context.rows().positions());
                    Activation ids = Activation.constant(numbers);
                    Activation table = positions.forward(context, ids)) {
                Activation sum = context.add(x, table);
                x.close();
                x = sum;
            }
        }
        if (embeddingNorm != null) {
            Activation normed = embeddingNorm.forward(context, x);
            x.close();
            x = normed;
        }
        return x;
    }

    private void requireRoom(Forward context) {
        long last = Arrays.stream(context.rows().positions()).max().orElse(0);
        if (last >= plan.config.maxPositions()) {
            throw new IllegalArgumentException("a row has " + (last + 1) + " positions, but " + plan.config.modelType()
                    + " has a table of " + plan.config.maxPositions() + ": shorten the rows");
        }
    }

    private Activation run(Forward context, Activation x, @Nullable NDArray at) {
        Activation hidden = at == null ? blocks.forward(context, x) : blocks.forwardAt(context, x, at);
        x.close();
        Activation normed = norm.forward(context, hidden);
        hidden.close();
        return normed;
    }

    /** Token ids, int64 [N], to hidden states [N, D]; the context says where the rows lie. */
    @Override
    public Activation forward(Forward context, Activation ids) {
        return run(context, place(context, tokens.forward(context, ids)), null);
    }
}
