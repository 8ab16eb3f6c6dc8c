package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of low-rank Hadamard products, Hugging Face's {@code LoHaConfig}: {@code LohaConfig.of(LycorisSettings.of(8, 16))}.
 *
 * @param common what the configs of all methods have
 * @param lycoris rank, scale, layers and dropout
 * @param initWeights whether updates begin as nothing; {@code false} is for tests
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 */
public record LohaConfig(CommonSettings common, LycorisSettings lycoris, boolean initWeights) implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "LOHA";

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public LohaConfig {
        List<String> problems = lycoris.problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Settings for causal language modelling; updates begin as nothing. */
    public static LohaConfig of(LycorisSettings lycoris) {
        return new LohaConfig(CommonSettings.forModel(), lycoris, true);
    }

    /** The same with other first values: {@code false} for updates that change the output at once. */
    public LohaConfig withInitWeights(boolean asNothing) {
        return new LohaConfig(common, lycoris, asNothing);
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public LohaConfig withCommon(CommonSettings other) {
        return new LohaConfig(other, lycoris, initWeights);
    }

    LohaConfig withTargetModules(TargetModules found) {
        return new LohaConfig(common, lycoris.withTargetModules(found), initWeights);
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = lycoris.json();
        settings.put("init_weights", initWeights);
        return settings;
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static LohaConfig read(ConfigValues values) {
        LycorisSettings lycoris = LycorisSettings.read(values);
        boolean initWeights = values.flag("init_weights", true);
        CommonSettings common = values.finish();
        try {
            return new LohaConfig(common, lycoris, initWeights);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }
}
