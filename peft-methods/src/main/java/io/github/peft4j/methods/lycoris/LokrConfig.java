package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of low-rank Kronecker products, Hugging Face's {@code LoKrConfig}: {@code LokrConfig.of(LycorisSettings.of(8, 16))}.
 *
 * @param common what the configs of all methods have
 * @param lycoris rank, scale, layers and dropout
 * @param decomposeBoth whether the left matrix may be a product of two as well
 * @param decomposeFactor the left matrix's height and width where it divides those of the layer, otherwise a bound of them; -1 for about
 *     the root of the layer's
 * @param rankDropoutScale whether what {@code rank_dropout} leaves is scaled to make up for the rest
 * @param initWeights how updates begin: {@code true} or {@code lycoris} as nothing, {@code false} is for tests
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024</a>
 */
public record LokrConfig(
        CommonSettings common,
        LycorisSettings lycoris,
        boolean decomposeBoth,
        int decomposeFactor,
        boolean rankDropoutScale,
        String initWeights)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "LOKR";

    private static final List<String> STARTS = List.of("true", "false", "lycoris");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public LokrConfig {
        List<String> problems = lycoris.problems();
        if (decomposeFactor != -1 && decomposeFactor < 1) {
            problems.add("decompose_factor must be at least 1, or -1 for none, got " + decomposeFactor);
        }
        if (!STARTS.contains(initWeights)) {
            problems.add("init_weights must be true, false or \"lycoris\", got \"" + initWeights + "\"");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Settings for causal language modelling; the right matrix alone may be a product of two, and updates begin as nothing. */
    public static LokrConfig of(LycorisSettings lycoris) {
        return new LokrConfig(CommonSettings.forModel(), lycoris, false, -1, false, "true");
    }

    /** The same with a left matrix that may be a product of two as well. */
    public LokrConfig withDecomposeBoth(boolean both) {
        return new LokrConfig(common, lycoris, both, decomposeFactor, rankDropoutScale, initWeights);
    }

    /** The same with another size of the left matrix; -1 for about the root of the layer's. */
    public LokrConfig withDecomposeFactor(int factor) {
        return new LokrConfig(common, lycoris, decomposeBoth, factor, rankDropoutScale, initWeights);
    }

    /** The same with what {@code rank_dropout} leaves scaled or not. */
    public LokrConfig withRankDropoutScale(boolean scaled) {
        return new LokrConfig(common, lycoris, decomposeBoth, decomposeFactor, scaled, initWeights);
    }

    /** The same with other first values: {@code true}, {@code false} or {@code lycoris}. */
    public LokrConfig withInitWeights(String start) {
        return new LokrConfig(common, lycoris, decomposeBoth, decomposeFactor, rankDropoutScale, start);
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public LokrConfig withCommon(CommonSettings other) {
        return new LokrConfig(other, lycoris, decomposeBoth, decomposeFactor, rankDropoutScale, initWeights);
    }

    LokrConfig withTargetModules(TargetModules found) {
        return new LokrConfig(
                common,
                lycoris.withTargetModules(found),
                decomposeBoth,
                decomposeFactor,
                rankDropoutScale,
                initWeights);
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = lycoris.json();
        settings.put("decompose_both", decomposeBoth);
        settings.put("decompose_factor", decomposeFactor);
        settings.put("rank_dropout_scale", rankDropoutScale);
        settings.put(
                "init_weights", initWeights.equals("lycoris") ? initWeights : (Object) Boolean.valueOf(initWeights));
        return settings;
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static LokrConfig read(ConfigValues values) {
        LycorisSettings lycoris = LycorisSettings.read(values);
        boolean both = values.flag("decompose_both", false);
        int factor = values.integer("decompose_factor", -1);
        boolean scaled = values.flag("rank_dropout_scale", false);
        String start = values.flagOrText("init_weights", true).toString();
        CommonSettings common = values.finish();
        try {
            return new LokrConfig(common, lycoris, both, factor, scaled, start);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }
}
