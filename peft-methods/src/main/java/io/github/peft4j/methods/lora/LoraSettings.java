package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The way of {@link LoraConfig} to and from {@code adapter_config.json}: all keys of Hugging Face PEFT's {@code LoraConfig}. */
final class LoraSettings {

    /** Keys of features that are not implemented, with the value that leaves each off. */
    private static final Map<String, Object> OFF = Map.of("use_qalora", false);

    /** Keys of features that are not implemented, which null leaves off. */
    private static final List<String> OFF_IF_NULL =
            List.of("arrow_config", "kasa_config", "monteclora_config", "use_bdlora", "velora_config");

    /** Keys of features that are not implemented, which null leaves off and an empty value too. */
    private static final Map<String, Object> OFF_IF_EMPTY =
            Map.of("alora_invocation_tokens", List.of(), "layer_replication", List.of(), "megatron_config", Map.of());

    /** Keys that say nothing as long as the features they belong to are off. */
    private static final Map<String, Object> INERT = Map.of("megatron_core", "megatron.core", "qalora_group_size", 16);

    /** Keys that concern only how factors begin, without effect on those that were saved. */
    private static final List<String> STARTS = List.of("corda_config", "eva_config", "lora_ga_config");

    /** Another one, which Hugging Face PEFT empties where it is not heeded. */
    private static final String LOFTQ = "loftq_config";

    /** Ways to begin that change the base model by what is not in the adapter's file. */
    private static final Set<String> UNSUPPORTED_STARTS = Set.of("corda", "loftq");

    private LoraSettings() {}

    /** The settings by Hugging Face's names. */
    static Map<String, @Nullable Object> of(LoraConfig config) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>(OFF);
        OFF_IF_NULL.forEach(key -> settings.put(key, null));
        OFF_IF_EMPTY.keySet().forEach(key -> settings.put(key, null));
        STARTS.forEach(key -> settings.put(key, config.common().unknown().get(key)));
        settings.put(LOFTQ, Map.of());
        settings.put("target_parameters", null);
        INERT.forEach(
                (key, value) -> settings.put(key, config.common().unknown().getOrDefault(key, value)));
        settings.put("r", config.r());
        settings.put("lora_alpha", config.loraAlpha());
        settings.put("lora_dropout", config.loraDropout());
        settings.put("target_modules", LayerTargets.json(config.targetModules()));
        settings.put("exclude_modules", LayerTargets.json(config.excludeModules()));
        settings.put("layers_to_transform", LayerTargets.json(config.layersToTransform()));
        settings.put("layers_pattern", LayerTargets.json(config.layersPattern()));
        settings.put("modules_to_save", config.modulesToSave());
        TokenIndices tokens = config.trainableTokenIndices();
        settings.put("trainable_token_indices", tokens == null ? null : tokens.json());
        settings.put("ensure_weight_tying", config.ensureWeightTying());
        settings.put("rank_pattern", config.rankPattern());
        settings.put("alpha_pattern", config.alphaPattern());
        settings.put("use_rslora", config.useRslora());
        settings.put("init_lora_weights", start(config.initLoraWeights()));
        settings.put("use_dora", config.useDora());
        settings.put("lora_bias", config.loraBias());
        settings.put("bias", config.bias().json());
        settings.put("fan_in_fan_out", config.fanInFanOut());
        return settings;
    }

    private static Object start(String name) {
        return name.equals("true") || name.equals("false") ? (Object) Boolean.valueOf(name) : name;
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     * @throws UnsupportedOperationException if values ask for something that is not implemented, by name
     */
    static LoraConfig read(ConfigValues values) {
        OFF.forEach(values::refuse);
        OFF_IF_NULL.forEach(values::refuse);
        OFF_IF_EMPTY.forEach(values::refuse);
        STARTS.forEach(values::keep);
        values.keep(LOFTQ);
        values.refuse("target_parameters", List.of());
        Object start = values.flagOrText("init_lora_weights", true);
        if (start instanceof String name && UNSUPPORTED_STARTS.contains(name)) {
            values.refuse("init_lora_weights");
        }
        LoraConfig.Builder builder = sizes(values)
                .loraDropout(values.number("lora_dropout", 0))
                .targetModules(values.targetsOrNull("target_modules"))
                .excludeModules(values.targetsOrNull("exclude_modules"))
                .layersToTransform(values.oneOrManyIntegers("layers_to_transform"))
                .layersPattern(values.oneOrManyTexts("layers_pattern"))
                .rankPattern(ranks(values))
                .alphaPattern(values.numbersAsWritten("alpha_pattern"))
                .useRslora(values.flag("use_rslora", false))
                .initLoraWeights(start.toString())
                .useDora(values.flag("use_dora", false))
                .loraBias(values.flag("lora_bias", false))
                .bias(bias(values))
                .modulesToSave(values.textsOrNull("modules_to_save"))
                .trainableTokenIndices(tokens(values))
                .ensureWeightTying(values.flag("ensure_weight_tying", false))
                .fanInFanOut(values.flag("fan_in_fan_out", false));
        CommonSettings common = values.finish();
        try {
            return builder.common(common).build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static @Nullable TokenIndices tokens(ConfigValues values) {
        Object tokens = values.integersOrByText("trainable_token_indices");
        if (tokens instanceof Map<?, ?> byLayer) {
            return TokenIndices.of((Map<String, List<Integer>>) byLayer);
        }
        return tokens == null ? null : TokenIndices.of((List<Integer>) tokens);
    }

    private static LoraConfig.Builder sizes(ConfigValues values) {
        int rank = values.integer("r", LoraConfig.DEFAULT_RANK);
        Number alpha = values.numberAsWritten("lora_alpha", LoraConfig.DEFAULT_ALPHA);
        return LoraConfig.builder(rank, alpha);
    }

    private static Map<String, Integer> ranks(ConfigValues values) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        List<String> bad = new ArrayList<>();
        values.numbersAsWritten("rank_pattern").forEach((pattern, rank) -> {
            if (rank instanceof Integer whole) {
                ranks.put(pattern, whole);
            } else {
                bad.add(pattern + ": " + rank);
            }
        });
        if (!bad.isEmpty()) {
            values.reject("rank_pattern must hold whole numbers, got " + String.join(", ", bad));
        }
        return ranks;
    }

    private static LoraBias bias(ConfigValues values) {
        try {
            return LoraBias.of(values.text("bias", "none"));
        } catch (IllegalArgumentException e) {
            values.reject(String.valueOf(e.getMessage()));
            return LoraBias.NONE;
        }
    }
}
