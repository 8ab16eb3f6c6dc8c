package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.ModuleList;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A causal model made of a token embedding, perhaps a table of positions and a norm, blocks in a row, a last norm and a head. The
 * architectures differ in what they put in; this class puts it together.
 */
public final class DecoderLm extends CausalLm {

    /** Everything but the head. */
    private static final class Backbone extends Module {
        private final Slot tokens;
        private final @Nullable Slot positions;
        private final @Nullable Slot embeddingNorm;
        private final Slot blocks;
        private final Slot norm;

        private Backbone(DecoderNames names, Plan plan) {
            tokens = child(names.embedding(), plan.tokens);
            positions =
                    names.positions() == null ? null : child(names.positions(), Objects.requireNonNull(plan.positions));
            embeddingNorm = names.embeddingNorm() == null
                    ? null
                    : child(names.embeddingNorm(), Objects.requireNonNull(plan.embeddingNorm));
            blocks = child(names.blocks(), new ModuleList(plan.blocks));
            norm = child(names.finalNorm(), plan.finalNorm);
        }

        private Activation place(Forward context, Activation embedded) {
            Activation x = embedded;
            if (positions != null) {
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

        private Activation run(Forward context, Activation x) {
            Activation hidden = blocks.forward(context, x);
            x.close();
            Activation normed = norm.forward(context, hidden);
            hidden.close();
            return normed;
        }

        @Override
        public Activation forward(Forward context, Activation ids) {
            return run(context, place(context, tokens.forward(context, ids)));
        }
    }

    /** The parts of a decoder, filled in by its architecture. */
    public static final class Plan {
        private final Weights root;
        private final ModelConfig config;
        private final DecoderNames names;
        private final Embedding tokens;
        private @Nullable Embedding positions;
        private @Nullable Module embeddingNorm;
        private List<Module> blocks = List.of();
        private final Module finalNorm;
        private final boolean tiedHead;
        private Anatomy.PositionScheme scheme = Anatomy.PositionScheme.ROTARY;
        private int maxPositions;

        /**
         * The parts that every decoder has.
         *
         * @param root the checkpoint's root
         * @param tokens token embedding
         * @param finalNorm norm after the last block
         * @param tiedHead whether the head shares the token embedding's weight
         */
        public Plan(
                Weights root,
                ModelConfig config,
                DecoderNames names,
                Embedding tokens,
                Module finalNorm,
                boolean tiedHead) {
            this.root = root;
            this.config = config;
            this.names = names;
            this.tokens = tokens;
            this.finalNorm = finalNorm;
            this.tiedHead = tiedHead;
        }

        /** Adds a table of learned positions. */
        public Plan positions(Embedding table) {
            this.positions = table;
            return scheme(
                    Anatomy.PositionScheme.LEARNED,
                    Math.toIntExact(table.weight().shape().get(0)));
        }

        /** Adds a norm of the embeddings. */
        public Plan embeddingNorm(Module norm) {
            this.embeddingNorm = norm;
            return this;
        }

        /** Says how positions enter, and how many there may be; 0 for any number. */
        public Plan scheme(Anatomy.PositionScheme positionScheme, int most) {
            this.scheme = positionScheme;
            this.maxPositions = most;
            return this;
        }

        /** Adds the blocks. */
        public Plan blocks(IntFunction<Module> block) {
            this.blocks = java.util.stream.IntStream.range(0, config.layers())
                    .mapToObj(block)
                    .toList();
            return this;
        }

        /** Puts the parts together. */
        public DecoderLm build(String className, Map<String, List<String>> targets) {
            return new DecoderLm(this, className, targets);
        }
    }

    private final ModelConfig config;
    private final Anatomy anatomy;
    private final Backbone backbone;

    private DecoderLm(Plan plan, String className, Map<String, List<String>> targets) {
        super(plan.root.scope(), plan.root.precision());
        this.config = plan.config;
        DecoderNames names = plan.names;
        this.backbone = new Backbone(names, plan);
        child(names.backbone(), backbone);
        child(
                DecoderNames.HEAD,
                plan.tiedHead
                        ? Linear.of(plan.tokens.weight(), null)
                        : Linear.load(plan.root.at(DecoderNames.HEAD), config.hiddenSize(), config.vocabSize(), false));
        this.anatomy = new Anatomy(
                config.modelType(),
                className,
                names.blockPaths(config.layers()),
                names.backbone() + "." + names.embedding(),
                DecoderNames.HEAD,
                plan.tiedHead,
                names.backbone() + "." + names.finalNorm(),
                new Anatomy.CacheGeometry(config.layers(), config.keyValueHeads(), config.headSize()),
                plan.scheme,
                plan.maxPositions,
                targets);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public Anatomy anatomy() {
        return anatomy;
    }

    @Override
    protected Activation embed(Forward context, Activation ids) {
        return backbone.tokens.forward(context, ids);
    }

    @Override
    protected Activation embedded(Forward context, Activation tokens) {
        if (anatomy.positions() == Anatomy.PositionScheme.LEARNED) {
            long last = Arrays.stream(context.rows().positions()).max().orElse(0);
            if (last >= anatomy.maxPositions()) {
                throw new IllegalArgumentException("a row reaches position " + last + ", but " + anatomy.modelType()
                        + " has a table of " + anatomy.maxPositions() + " positions: shorten the rows (--max-length)");
            }
        }
        return backbone.place(context, tokens);
    }

    @Override
    protected Activation encode(Forward context, Activation embedded) {
        return backbone.run(context, embedded);
    }
}
