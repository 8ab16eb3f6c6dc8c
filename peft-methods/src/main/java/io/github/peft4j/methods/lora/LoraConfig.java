package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of low-rank adaptation, Hugging Face's {@code LoraConfig}: {@code LoraConfig.builder(16, 32).targetModules("q_proj",
 * "v_proj").build()}.
 *
 * @param common what the configs of all methods have
 * @param r rank of the updates, at least 1
 * @param loraAlpha \(\alpha\); an update is scaled by \(\alpha / r\). Whole or not, as it is written
 * @param loraDropout probability with which a value is dropped on its way into an update in training, from 0 to below 1
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param excludeModules layers left out again, or null
 * @param layersToTransform indices of the only blocks whose layers are adapted, or null for all
 * @param layersPattern names of the lists of blocks that those indices count in, or null for any
 * @param rankPattern ranks of some layers, by regular expressions of ends of their paths
 * @param alphaPattern values of \(\alpha\) of some layers, likewise
 * @param useRslora whether updates are scaled by \(\alpha / \sqrt r\)
 * @param initLoraWeights how factors begin: {@code true}, {@code false}, {@code gaussian}, {@code pissa}, {@code pissa_niter_N},
 *     {@code olora} or {@code orthogonal}; {@code eva}, {@code lora_ga} or {@code mica} for adapters that began so elsewhere
 * @param useDora whether the lengths of the layers' weights are trained apart from their directions
 * @param loraBias whether updates have a bias
 * @param bias which of the model's own biases are trained
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 * @param trainableTokenIndices tokens whose vectors are trained one by one, or null
 * @param ensureWeightTying whether what is trained of an embedding and of the output layer that is tied to it stays tied
 * @param fanInFanOut whether the adapted layers' weights lie transposed; set while attaching, as in Hugging Face PEFT
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public record LoraConfig(
        CommonSettings common,
        int r,
        Number loraAlpha,
        double loraDropout,
        @Nullable TargetModules targetModules,
        @Nullable TargetModules excludeModules,
        @Nullable OneOrMany<Integer> layersToTransform,
        @Nullable OneOrMany<String> layersPattern,
        Map<String, Integer> rankPattern,
        Map<String, Number> alphaPattern,
        boolean useRslora,
        String initLoraWeights,
        boolean useDora,
        boolean loraBias,
        LoraBias bias,
        @Nullable List<String> modulesToSave,
        @Nullable TokenIndices trainableTokenIndices,
        boolean ensureWeightTying,
        boolean fanInFanOut)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "LORA";

    /** Hugging Face PEFT's default of {@code r}. */
    public static final int DEFAULT_RANK = 8;

    /** Hugging Face PEFT's default of {@code lora_alpha}. */
    public static final int DEFAULT_ALPHA = 8;

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public LoraConfig {
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        LoraRules rules = new LoraRules();
        rules.rank(r);
        rankPattern.values().forEach(rules::rank);
        rules.dropout(loraDropout);
        rules.targets(new LayerTargets(targetModules, excludeModules, layersToTransform, layersPattern, modulesToSave));
        rules.initialization(initLoraWeights, loraBias, useDora);
        rules.tokens(trainableTokenIndices);
        rules.requireKept();
    }

    /** Starts settings with the two that matter most; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int r, double loraAlpha) {
        return new Builder(r, loraAlpha);
    }

    /** Starts settings with the two that matter most; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int r, int loraAlpha) {
        return new Builder(r, loraAlpha);
    }

    static Builder builder(int r, Number loraAlpha) {
        return new Builder(r, loraAlpha);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(r, loraAlpha)
                .common(common)
                .loraDropout(loraDropout)
                .targetModules(targetModules)
                .excludeModules(excludeModules)
                .layersToTransform(layersToTransform)
                .layersPattern(layersPattern)
                .rankPattern(rankPattern)
                .alphaPattern(alphaPattern)
                .useRslora(useRslora)
                .initLoraWeights(initLoraWeights)
                .useDora(useDora)
                .loraBias(loraBias)
                .bias(bias)
                .modulesToSave(modulesToSave)
                .trainableTokenIndices(trainableTokenIndices)
                .ensureWeightTying(ensureWeightTying)
                .fanInFanOut(fanInFanOut);
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public LoraConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        return LoraSettings.of(this);
    }

    /** The settings by which layers are found. */
    LayerTargets targets() {
        return new LayerTargets(targetModules, excludeModules, layersToTransform, layersPattern, modulesToSave);
    }

    /** Whether updates depend on the weights of the layers they are for: their lengths, or what is taken out of them. */
    boolean readsWeights() {
        return useDora || LoraInitialization.of(initLoraWeights).takesFromBase();
    }

    /** The scale of an update of a rank: \(\alpha / r\), or \(\alpha / \sqrt r\) with {@link #useRslora}. */
    double scale(Number alpha, int rank) {
        return useRslora ? alpha.doubleValue() / Math.sqrt(rank) : alpha.doubleValue() / rank;
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private final int r;
        private final Number loraAlpha;
        private CommonSettings common = CommonSettings.forModel();
        private double loraDropout;
        private @Nullable TargetModules targetModules;
        private @Nullable TargetModules excludeModules;
        private @Nullable OneOrMany<Integer> layersToTransform;
        private @Nullable OneOrMany<String> layersPattern;
        private Map<String, Integer> rankPattern = Map.of();
        private Map<String, Number> alphaPattern = Map.of();
        private boolean useRslora;
        private String initLoraWeights = "true";
        private boolean useDora;
        private boolean loraBias;
        private LoraBias bias = LoraBias.NONE;
        private @Nullable List<String> modulesToSave;
        private @Nullable TokenIndices trainableTokenIndices;
        private boolean ensureWeightTying;
        private boolean fanInFanOut;

        private Builder(int r, Number loraAlpha) {
            this.r = r;
            this.loraAlpha = Objects.requireNonNull(loraAlpha);
        }

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
            return this;
        }

        /** Probability with which a value is dropped on its way into an update in training; 0 if not given. */
        public Builder loraDropout(double probability) {
            loraDropout = probability;
            return this;
        }

        /** The layers whose path is, or ends after a dot in, one of these names. */
        public Builder targetModules(String... names) {
            return targetModules(TargetModules.named(names));
        }

        /** The adapted layers; null for the architecture's customary ones. */
        public Builder targetModules(@Nullable TargetModules targets) {
            targetModules = targets;
            return this;
        }

        /** Layers left out again, by ends of their paths. */
        public Builder excludeModules(String... names) {
            return excludeModules(TargetModules.named(names));
        }

        /** Layers left out again; null for none. */
        public Builder excludeModules(@Nullable TargetModules excluded) {
            excludeModules = excluded;
            return this;
        }

        /** The only blocks whose layers are adapted, counted from 0. */
        public Builder layersToTransform(Integer... indices) {
            return layersToTransform(OneOrMany.many(List.of(indices)));
        }

        /** The only blocks whose layers are adapted, counted from 0; null for all. */
        public Builder layersToTransform(@Nullable OneOrMany<Integer> indices) {
            layersToTransform = indices;
            return this;
        }

        /** Names of the lists of blocks that {@link #layersToTransform} counts in. */
        public Builder layersPattern(String... names) {
            return layersPattern(OneOrMany.many(List.of(names)));
        }

        /** Names of the lists of blocks that {@link #layersToTransform} counts in; null for any. */
        public Builder layersPattern(@Nullable OneOrMany<String> names) {
            layersPattern = names;
            return this;
        }

        /** Ranks of some layers, by regular expressions of ends of their paths; the first that matches counts. */
        public Builder rankPattern(Map<String, Integer> ranks) {
            rankPattern = ranks;
            return this;
        }

        /** Values of \(\alpha\) of some layers, by regular expressions of ends of their paths; the first that matches counts. */
        public Builder alphaPattern(Map<String, ? extends Number> alphas) {
            alphaPattern = new LinkedHashMap<>(alphas);
            return this;
        }

        /** Whether updates are scaled by \(\alpha / \sqrt r\). */
        public Builder useRslora(boolean scaledByRoot) {
            useRslora = scaledByRoot;
            return this;
        }

        /** Whether the updates begin at nothing: {@code false} is for tests. */
        public Builder initLoraWeights(boolean identity) {
            return initLoraWeights(Boolean.toString(identity));
        }

        /** How factors begin, by Hugging Face's names. */
        public Builder initLoraWeights(String name) {
            initLoraWeights = name;
            return this;
        }

        /** Whether the lengths of the layers' weights are trained apart from their directions. */
        public Builder useDora(boolean dora) {
            useDora = dora;
            return this;
        }

        /** Whether updates have a bias. */
        public Builder loraBias(boolean biased) {
            loraBias = biased;
            return this;
        }

        /** Which of the model's own biases are trained. */
        public Builder bias(LoraBias trained) {
            bias = trained;
            return this;
        }

        /** Modules that are trained whole, by ends of their paths. */
        public Builder modulesToSave(String... names) {
            return modulesToSave(List.of(names));
        }

        /** Modules that are trained whole, by ends of their paths; null for none. */
        public Builder modulesToSave(@Nullable List<String> names) {
            modulesToSave = names;
            return this;
        }

        /** Tokens of the embedding whose vectors are trained one by one. */
        public Builder trainableTokenIndices(Integer... tokens) {
            return trainableTokenIndices(TokenIndices.of(List.of(tokens)));
        }

        /** Tokens whose vectors are trained one by one; null for none. */
        public Builder trainableTokenIndices(@Nullable TokenIndices tokens) {
            trainableTokenIndices = tokens;
            return this;
        }

        /** Whether what is trained of an embedding and of the output layer that is tied to it stays tied. */
        public Builder ensureWeightTying(boolean tied) {
            ensureWeightTying = tied;
            return this;
        }

        /** Whether the adapted layers' weights lie transposed; attaching finds out by itself. */
        public Builder fanInFanOut(boolean transposed) {
            fanInFanOut = transposed;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are wrong or do not go together
         */
        public LoraConfig build() {
            return new LoraConfig(
                    common,
                    r,
                    loraAlpha,
                    loraDropout,
                    targetModules,
                    excludeModules,
                    layersToTransform,
                    layersPattern,
                    rankPattern,
                    alphaPattern,
                    useRslora,
                    initLoraWeights,
                    useDora,
                    loraBias,
                    bias,
                    modulesToSave,
                    trainableTokenIndices,
                    ensureWeightTying,
                    fanInFanOut);
        }
    }
}
