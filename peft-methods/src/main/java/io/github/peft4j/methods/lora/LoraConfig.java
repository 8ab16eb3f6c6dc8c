package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.internal.layers.BiasSetting;
import io.github.peft4j.methods.internal.layers.RankSettings;
import io.github.peft4j.methods.lora.internal.TokenIndices;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of low-rank adaptation, Hugging Face's {@code LoraConfig}: {@code LoraConfig.builder(16, 32).targetModules("q_proj",
 * "v_proj").build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public record LoraConfig(CommonSettings common, SettingValues values) implements LayerSettings.All, RankSettings {

    public static final Setting<Integer> R = RankSettings.rank(8, "rank R of the updates");
    public static final Setting<Number> LORA_ALPHA =
            Setting.numberAsWritten("lora_alpha", 8, "alpha; whole or not, written as given");
    public static final Setting<Double> LORA_DROPOUT = Setting.dropout(
            "lora_dropout", "probability with which a value of x is dropped on its way to A in training");
    public static final Setting<Boolean> USE_RSLORA = Setting.flag("use_rslora", false, "s = alpha / sqrt(R)");
    public static final Setting<Boolean> USE_DORA =
            Setting.flag("use_dora", false, "trains the lengths of the weights apart from their directions");
    public static final Setting<String> INIT_LORA_WEIGHTS = Setting.flagOrText(
                    "init_lora_weights", "true", "how A and B begin, see below")
            .checked(LoraConfig::requireStart)
            .refusing(Set.of("corda", "loftq"));
    public static final Setting<Boolean> LORA_BIAS =
            Setting.flag("lora_bias", false, "a bias on B; merging needs a bias in the layer");
    public static final Setting<LayerSettings.Bias> BIAS = BiasSetting.of("lora_only");
    public static final Setting<@Nullable TokenIndices> TRAINABLE_TOKEN_INDICES = Setting.integersOrByText(
                    "trainable_token_indices", "tokens whose vectors are trained one by one, see below")
            .as(TokenIndices::ofJson, TokenIndices::json)
            .checked(TokenIndices::check);
    public static final Setting<Boolean> ENSURE_WEIGHT_TYING = Setting.flag(
            "ensure_weight_tying", false, "an embedding and the output layer that is tied to it stay tied, see below");

    public static final ConfigSchema<LoraConfig> SCHEMA = ConfigSchema.of("LORA")
            .settings(R, LORA_ALPHA, LORA_DROPOUT)
            .settings(LayerSettings.TARGET_MODULES, LayerSettings.EXCLUDE_MODULES)
            .settings(LayerSettings.LAYERS_TO_TRANSFORM, LayerSettings.LAYERS_PATTERN, RANK_PATTERN, ALPHA_PATTERN)
            .settings(USE_RSLORA, USE_DORA, INIT_LORA_WEIGHTS, LORA_BIAS, BIAS, LayerSettings.MODULES_TO_SAVE)
            .settings(TRAINABLE_TOKEN_INDICES, ENSURE_WEIGHT_TYING, LayerSettings.FAN_IN_FAN_OUT)
            .rule(LayerSettings::requireNames)
            .rule(LayerSettings::requireIndices)
            .rule(LoraConfig::requireVariant)
            .off(false, List.of(false), "use_qalora")
            .off(null, List.of(), "arrow_config", "kasa_config", "monteclora_config", "use_bdlora", "velora_config")
            .off(null, List.of(List.of()), "alora_invocation_tokens", "layer_replication", "target_parameters")
            .off(null, List.of(Map.of()), "megatron_config")
            .kept("corda_config", null)
            .kept("eva_config", null)
            .kept("lora_ga_config", null)
            .kept("megatron_core", "megatron.core")
            .kept("qalora_group_size", 16)
            .emptied("loftq_config")
            .build(LoraConfig::new);

    /** Checks the settings and how they go together. */
    public LoraConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireStart(String start, Consumer<String> problems) {
        try {
            LoraInitialization.of(start);
        } catch (IllegalArgumentException e) {
            problems.accept(String.valueOf(e.getMessage()));
        }
    }

    private static void requireVariant(SettingValues values, Consumer<String> problems) {
        String start = values.get(INIT_LORA_WEIGHTS);
        boolean bias = values.get(LORA_BIAS);
        boolean dora = values.get(USE_DORA);
        if (bias && !start.equals("true") && !start.equals("false")) {
            problems.accept("The argument lora_bias=True is only supported with init_lora_weights=True or False, got"
                    + " init_lora_weights=" + start + " instead.");
        }
        if (dora && start.equalsIgnoreCase("mica")) {
            problems.accept("Invalid or unsupported variant combination: init_lora_weights=mica and use_dora=True");
        }
        if (bias && dora) {
            problems.accept("The argument lora_bias=True is not supported for DoRA, please pass use_dora=False");
        }
    }

    /** Starts settings with the two that matter most; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int r, double loraAlpha) {
        return builder(r, (Number) loraAlpha);
    }

    /** Starts settings with the two that matter most; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int r, int loraAlpha) {
        return builder(r, (Number) loraAlpha);
    }

    static Builder builder(int r, Number loraAlpha) {
        return new Builder(SCHEMA.draft()).set(R, r).set(LORA_ALPHA, loraAlpha);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Rank of the updates, at least 1. */
    public int r() {
        return values.get(R);
    }

    /** \(\alpha\); an update is scaled by \(\alpha / r\). Whole or not, as it is written. */
    public Number loraAlpha() {
        return values.get(LORA_ALPHA);
    }

    /** Probability with which a value is dropped on its way into an update in training, from 0 to below 1. */
    public double loraDropout() {
        return values.get(LORA_DROPOUT);
    }

    /** Whether updates are scaled by \(\alpha / \sqrt r\). */
    public boolean useRslora() {
        return values.get(USE_RSLORA);
    }

    /**
     * How factors begin: {@code true}, {@code false}, {@code gaussian}, {@code pissa}, {@code pissa_niter_N}, {@code olora} or
     * {@code orthogonal}; {@code eva}, {@code lora_ga} or {@code mica} for adapters that began so elsewhere.
     */
    public String initLoraWeights() {
        return values.get(INIT_LORA_WEIGHTS);
    }

    /** Whether the lengths of the layers' weights are trained apart from their directions. */
    public boolean useDora() {
        return values.get(USE_DORA);
    }

    /** Whether updates have a bias. */
    public boolean loraBias() {
        return values.get(LORA_BIAS);
    }

    /** Which of the model's own biases are trained. */
    public LayerSettings.Bias bias() {
        return values.get(BIAS);
    }

    /** Whether what is trained of an embedding and of the output layer that is tied to it stays tied. */
    public boolean ensureWeightTying() {
        return values.get(ENSURE_WEIGHT_TYING);
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<LoraConfig> draft)
            implements ConfigBuilder<LoraConfig, Builder>,
                    LayerSettings.AllBuilder<Builder>,
                    RankSettings.Builder<Builder> {

        /** Probability with which a value is dropped on its way into an update in training; 0 if not given. */
        public Builder loraDropout(double probability) {
            return set(LORA_DROPOUT, probability);
        }

        /** Whether updates are scaled by \(\alpha / \sqrt r\). */
        public Builder useRslora(boolean scaledByRoot) {
            return set(USE_RSLORA, scaledByRoot);
        }

        /** Whether the updates begin at nothing: {@code false} is for tests. */
        public Builder initLoraWeights(boolean identity) {
            return initLoraWeights(Boolean.toString(identity));
        }

        /** How factors begin, by Hugging Face's names. */
        public Builder initLoraWeights(String name) {
            return set(INIT_LORA_WEIGHTS, name);
        }

        /** Whether the lengths of the layers' weights are trained apart from their directions. */
        public Builder useDora(boolean dora) {
            return set(USE_DORA, dora);
        }

        /** Whether updates have a bias. */
        public Builder loraBias(boolean biased) {
            return set(LORA_BIAS, biased);
        }

        /** Which of the model's own biases are trained. */
        public Builder bias(LayerSettings.Bias trained) {
            return set(BIAS, trained);
        }

        /** Tokens of the embedding whose vectors are trained one by one. */
        public Builder trainableTokenIndices(Integer... tokens) {
            return set(TRAINABLE_TOKEN_INDICES, TokenIndices.of(List.of(tokens)));
        }

        /** Tokens of layers, by ends of the layers' paths, whose vectors are trained one by one. */
        public Builder trainableTokenIndices(Map<String, List<Integer>> tokens) {
            return set(TRAINABLE_TOKEN_INDICES, TokenIndices.of(tokens));
        }

        /** Whether what is trained of an embedding and of the output layer that is tied to it stays tied. */
        public Builder ensureWeightTying(boolean tied) {
            return set(ENSURE_WEIGHT_TYING, tied);
        }
    }
}
