package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.LayerPatterns;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.layers.RankSettings;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.DoraLinear;
import io.github.peft4j.methods.lora.internal.update.LoraEmbedding;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization.Initial;
import io.github.peft4j.methods.lora.internal.update.LoraLinear;
import io.github.peft4j.methods.lora.internal.update.LowRank;
import io.github.peft4j.methods.lora.internal.update.Magnitude;
import io.github.peft4j.methods.lora.internal.update.TiedFactors;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts LoRA's wrappers around a model's layers. */
final class LoraLayers {

    private static final Logger LOG = LoggerFactory.getLogger(LoraLayers.class);

    private LoraLayers() {}

    /**
     * Wraps layers; on failure the model is as before.
     *
     * @param paths of the layers
     * @param tied path of the output layer that shares the embedding's update, which is among the others; or null
     * @throws IllegalArgumentException if one of them is of a kind that cannot be adapted
     */
    static AdaptedLayers attach(
            Model<?> model, List<String> paths, @Nullable String tied, LoraConfig config, AttachContext context) {
        return AdaptedLayers.attach(model, layers -> new Attaching(model, layers, config, context).wrap(paths, tied));
    }

    /** The scale of an update of a rank: \(\alpha / r\), or \(\alpha / \sqrt r\) with {@code use_rslora}. */
    static double scale(LoraConfig config, Number alpha, int rank) {
        return alpha.doubleValue() / (config.useRslora() ? Math.sqrt(rank) : rank);
    }

    /** The work of wrapping, layer by layer; what the layers draw their first values from is common to them. */
    private static final class Attaching {
        private final AdaptedLayers layers;
        private final LoraConfig config;
        private final LoraInitialization initialization;
        private final NewWeights first;
        private final BaseModules modules;
        private final Scope scope;
        private final String embedding;

        private Attaching(Model<?> model, AdaptedLayers layers, LoraConfig config, AttachContext context) {
            this.layers = layers;
            this.modules = BaseModules.of(model);
            this.scope = model.scope();
            this.embedding = model.anatomy().inputEmbedding();
            this.config = config;
            this.initialization = LoraInitialization.of(config.initLoraWeights());
            this.first = NewWeights.of(model, context);
        }

        private void wrap(List<String> own, @Nullable String tied) {
            List<String> paths = new ArrayList<>(own);
            if (tied != null) {
                paths.add(tied);
            }
            PatternTable<Integer> ranks = LayerPatterns.of(RankSettings.RANK_PATTERN, config, paths);
            PatternTable<Number> alphas = LayerPatterns.of(RankSettings.ALPHA_PATTERN, config, paths);
            paths.forEach(path -> check(path, ranks));
            warnOfBiases(paths);
            LowRank ofEmbedding = null;
            for (String path : paths) {
                int rank = ranks.get(path, config.r());
                double scale = scale(config, alphas.get(path, config.loraAlpha()), rank);
                if (layer(path) instanceof Embedding table) {
                    LowRank update = embedding(path, table, rank, scale);
                    ofEmbedding = path.equals(embedding) ? update : ofEmbedding;
                } else {
                    Linear linear = (Linear) layer(path);
                    LowRank shared = path.equals(tied) && initialization.staysTied() ? ofEmbedding : null;
                    int most = shared == null ? rank : (int) shared.a().shape().get(0);
                    linear(path, linear, initialization.rank(linear, most), scale, shared);
                }
            }
        }

        private void warnOfBiases(List<String> paths) {
            List<String> without = paths.stream()
                    .filter(path -> config.loraBias() && layer(path) instanceof Linear linear && linear.bias() == null)
                    .toList();
            if (!without.isEmpty()) {
                LOG.warn(
                        "`lora_bias=True` was passed but {} of the targeted layers have no bias, {} among them. This"
                                + " means that merging LoRA weights won't be possible.",
                        without.size(),
                        without.get(0));
            }
        }

        private Module layer(String path) {
            return modules.base(path);
        }

        private void check(String path, PatternTable<Integer> ranks) {
            Module layer = layer(path);
            if (layer instanceof Linear) {
                initialization.checkRank(ranks.get(path, config.r()));
            } else if (!(layer instanceof Embedding)) {
                throw new IllegalArgumentException("Target module " + path + " ("
                        + layer.getClass().getSimpleName()
                        + ") is not supported. Currently, only linear layers, GPT-2's `Conv1D` among them, and"
                        + " `Embedding` layers are supported.");
            } else if (config.loraBias()) {
                throw new IllegalArgumentException("lora_bias=True is not supported for Embedding (" + path + ").");
            }
        }

        /** Wraps a linear layer; one that is tied to an embedding shares its update. */
        private void linear(String path, Linear linear, int rank, double scale, @Nullable LowRank shared) {
            Supplier<Initial> starting = () -> initialization.linear(linear, rank, scale, first.random());
            Initial start = first.drawn() ? starting.get() : null;
            LowRank update = update("lora_A.weight", "lora_B.weight", start, linear.in(), linear.out(), rank, scale);
            if (shared != null && first.drawn()) {
                share(new TiedFactors(shared, update));
            }
            LowRank taken = initialization.takesFromBase() ? taken(update, start, starting) : null;
            if (taken != null) {
                layers.wrap(path, module -> LoraLinear.rest(module, taken));
            }
            if (config.useDora()) {
                Weight magnitude = first.given(
                        Magnitude.NAME, () -> DoraLinear.initialMagnitude(linear, update, taken), linear.out());
                layers.wrap(path, module -> new DoraLinear(module, update, taken, magnitude, config.loraDropout()));
            } else {
                Weight bias = config.loraBias() ? biasOfB(linear, rank) : null;
                layers.wrap(path, module -> LoraLinear.of(module, update, bias, config.loraDropout()));
            }
        }

        /** As in Hugging Face PEFT the output layer's first values count, unless it begins with none of its own. */
        private void share(TiedFactors factors) {
            if (initialization.kind() == LoraInitialization.Kind.RANDOM) {
                factors.shareEmbeddings();
            } else {
                factors.shareHeads();
            }
        }

        /** Factors [R, in] and [out, R] that begin as given; blank where saved ones come. */
        private LowRank update(String a, String b, @Nullable Initial start, long in, long out, int rank, double scale) {
            return new LowRank(
                    first.given(a, () -> Objects.requireNonNull(start).a(), rank, in),
                    first.given(b, () -> Objects.requireNonNull(start).b(), out, rank),
                    scale);
        }

        /**
         * What the base weight lacks: a copy of what the update began with. Of a saved adapter that is worked out once its values are
         * known to fit.
         */
        private LowRank taken(LowRank update, @Nullable Initial start, Supplier<Initial> starting) {
            Kernels k = scope.kernels();
            LowRank taken = new LowRank(
                    first.given(
                            "taken_A",
                            () -> k.copy(Objects.requireNonNull(start).a()),
                            shape(update.a())),
                    first.given(
                            "taken_B",
                            () -> k.copy(Objects.requireNonNull(start).b()),
                            shape(update.b())),
                    -update.scale());
            if (start == null) {
                layers.whenLoaded(() -> {
                    Initial before = starting.get();
                    taken.a().replace(before.a());
                    taken.b().replace(before.b());
                });
            }
            return taken;
        }

        private static long[] shape(Weight weight) {
            return weight.shape().getShape();
        }

        private Weight biasOfB(Linear linear, int rank) {
            return first.given(
                    "lora_B.bias",
                    () -> initialization.biasOfB(scope, linear.out(), rank, first.random()),
                    linear.out());
        }

        private LowRank embedding(String path, Embedding table, int rank, double scale) {
            long rows = table.weight().shape().get(0);
            long width = table.weight().shape().get(1);
            Initial start = first.drawn() ? initialization.embedding(scope, rows, width, rank, first.random()) : null;
            LowRank update = update("lora_embedding_A", "lora_embedding_B", start, rows, width, rank, scale);
            Weight magnitude = config.useDora()
                    ? first.given(Magnitude.NAME, () -> LoraEmbedding.initialMagnitude(table, update), width)
                    : null;
            layers.wrap(path, module -> new LoraEmbedding(module, update, magnitude));
            return update;
        }
    }
}
