package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of adaption prompts, Hugging Face's {@code AdaptionPromptConfig}: {@code AdaptionPromptConfig.of(10, 30)}.
 *
 * @param common what the configs of all methods have
 * @param adapterLen trained tokens P of each adapted block, at least 1
 * @param adapterLayers adapted blocks, counted from the top, at least 1
 * @param targetModules the name of the attention in each block, or null for the architecture's
 * @see <a href="https://arxiv.org/abs/2303.16199">Zhang et al. 2023</a>
 */
public record AdaptionPromptConfig(
        CommonSettings common,
        int adapterLen,
        int adapterLayers,
        @Nullable String targetModules) implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "ADAPTION_PROMPT";

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if a number is less than 1 or the name is empty; all of it in one message
     */
    public AdaptionPromptConfig {
        List<String> problems = new ArrayList<>();
        positive("adapter_len", adapterLen, problems);
        positive("adapter_layers", adapterLayers, problems);
        if (targetModules != null && targetModules.isBlank()) {
            problems.add("target_modules must be the name of the attention modules or null, got an empty one");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private static void positive(String key, int value, List<String> problems) {
        if (value < 1) {
            problems.add(key + " must be at least 1, got " + value);
        }
    }

    /**
     * Settings for causal language modelling.
     *
     * @param adapterLen trained tokens of each adapted block; 10 in the paper
     * @param adapterLayers adapted blocks, counted from the top; 30 of 32 in the paper
     */
    public static AdaptionPromptConfig of(int adapterLen, int adapterLayers) {
        return new AdaptionPromptConfig(CommonSettings.forModel(), adapterLen, adapterLayers, null);
    }

    /** The same with another name of the attention modules. */
    public AdaptionPromptConfig withTargetModules(String name) {
        return new AdaptionPromptConfig(common, adapterLen, adapterLayers, name);
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public AdaptionPromptConfig withCommon(CommonSettings other) {
        return new AdaptionPromptConfig(other, adapterLen, adapterLayers, targetModules);
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("adapter_len", adapterLen);
        settings.put("adapter_layers", adapterLayers);
        settings.put("target_modules", targetModules);
        return settings;
    }

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException if values are bad or one of the numbers, which have no default, is missing: all in one message
     */
    static AdaptionPromptConfig read(ConfigValues values) {
        int length = required(values, "adapter_len", "the number of trained tokens of each block, for example 10");
        int layers = required(values, "adapter_layers", "the number of blocks to adapt, counted from the top");
        String target = values.textOrNull("target_modules");
        CommonSettings common = values.finish();
        try {
            return new AdaptionPromptConfig(common, length, layers, target);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }

    private static int required(ConfigValues values, String key, String meaning) {
        if (!values.has(key)) {
            values.reject(key + " is missing: set it to " + meaning);
        }
        return values.integer(key, 0);
    }
}
