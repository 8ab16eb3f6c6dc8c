package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.PatternTable;
import io.github.peft4j.methods.layers.AdaptedLayers;
import io.github.peft4j.methods.lora.LoraInitialization.Initial;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import java.util.List;
import java.util.SplittableRandom;
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
     * @throws IllegalArgumentException if one of them is of a kind that cannot be adapted
     */
    static AdaptedLayers attach(Model model, List<String> paths, LoraConfig config, AttachContext context) {
        return AdaptedLayers.attach(model, layers -> new Attaching(model, layers, config, context).wrap(paths));
    }

    /** The work of wrapping, layer by layer; what the layers draw their first values from is common to them. */
    private static final class Attaching {
        private final AdaptedLayers layers;
        private final LoraConfig config;
        private final LoraInitialization initialization;
        private final boolean initialise;
        private final SplittableRandom random;
        private final PatternTable<Integer> ranks;
        private final PatternTable<Number> alphas;
        private final BaseModules modules;
        private final Scope scope;

        private Attaching(Model model, AdaptedLayers layers, LoraConfig config, AttachContext context) {
            this.layers = layers;
            this.modules = BaseModules.of(model);
            this.scope = model.scope();
            this.config = config;
            this.initialization = LoraInitialization.of(config.initLoraWeights());
            this.initialise = context.initialise();
            this.random = context.random();
            this.ranks = PatternTable.of(config.rankPattern());
            this.alphas = PatternTable.of(config.alphaPattern());
        }

        private void wrap(List<String> paths) {
            paths.forEach(this::check);
            warnOfUnmatched("rank_pattern", ranks, paths);
            warnOfUnmatched("alpha_pattern", alphas, paths);
            warnOfBiases(paths);
            for (String path : paths) {
                int rank = ranks.get(path, config.r());
                double scale = config.scale(alphas.get(path, config.loraAlpha()), rank);
                if (layer(path) instanceof Linear linear) {
                    linear(path, linear, initialization.rank(linear, rank), scale);
                } else {
                    embedding(path, (Embedding) layer(path), rank, scale);
                }
            }
        }

        private void warnOfUnmatched(String setting, PatternTable<?> patterns, List<String> paths) {
            List<String> unmatched = patterns.unmatched(paths);
            if (!unmatched.isEmpty()) {
                LOG.warn(
                        "The following {} keys did not match any targeted module and were ignored: {}.",
                        setting,
                        unmatched);
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

        private void check(String path) {
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

        private Weight weight(String name, NDArray values) {
            return new Weight(name, values, Precision.FLOAT32, scope, false);
        }

        private void linear(String path, Linear linear, int rank, double scale) {
            boolean blank = !initialise && !initialization.takesFromBase();
            Initial initial = blank
                    ? LoraInitialization.blank(scope, linear.in(), linear.out(), rank)
                    : initialization.linear(linear, rank, scale, random);
            LowRank update =
                    new LowRank(weight("lora_A.weight", initial.a()), weight("lora_B.weight", initial.b()), scale);
            LowRank taken = initialization.takesFromBase() ? copyOf(update) : null;
            if (taken != null) {
                layers.wrap(path, module -> LoraLinear.rest(module, taken));
            }
            if (config.useDora()) {
                Weight magnitude = weight(Magnitude.NAME, magnitude(linear, update, taken));
                layers.wrap(path, module -> new DoraLinear(module, update, taken, magnitude, config.loraDropout()));
            } else {
                Weight bias = config.loraBias() ? weight("lora_B.bias", biasOfB(linear, rank)) : null;
                layers.wrap(path, module -> LoraLinear.of(module, update, bias, config.loraDropout()));
            }
        }

        private LowRank copyOf(LowRank update) {
            return new LowRank(
                    weight("taken_A", scope.kernels().copy(update.a().array())),
                    weight("taken_B", scope.kernels().copy(update.b().array())),
                    -update.scale());
        }

        private NDArray magnitude(Linear linear, LowRank update, @Nullable LowRank taken) {
            return initialise
                    ? DoraLinear.initialMagnitude(linear, update, taken)
                    : LoraInitialization.zeros(scope, linear.out());
        }

        private NDArray biasOfB(Linear linear, int rank) {
            return initialise
                    ? initialization.biasOfB(scope, linear.out(), rank, random)
                    : LoraInitialization.zeros(scope, linear.out());
        }

        private void embedding(String path, Embedding embedding, int rank, double scale) {
            long rows = embedding.weight().shape().get(0);
            long width = embedding.weight().shape().get(1);
            Initial initial = initialise
                    ? initialization.embedding(scope, rows, width, rank, random)
                    : LoraInitialization.blank(scope, rows, width, rank);
            LowRank update = new LowRank(
                    weight("lora_embedding_A", initial.a()), weight("lora_embedding_B", initial.b()), scale);
            Weight magnitude = !config.useDora()
                    ? null
                    : weight(
                            Magnitude.NAME,
                            initialise
                                    ? LoraEmbedding.initialMagnitude(embedding, update)
                                    : LoraInitialization.zeros(scope, width));
            layers.wrap(path, module -> new LoraEmbedding(module, update, magnitude));
        }
    }
}
