package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of bottleneck adapters: {@code BottleneckConfig.ofSize(64)}, {@code BottleneckConfig.ofSize(64).withVariant(PFEIFFER)}. Hugging
 * Face PEFT does not have the method; the file is in its form.
 *
 * @param common what the configs of all methods have
 * @param variant where adapters stand
 * @param bottleneckSize width R of the waist, or null if {@code reductionFactor} says it
 * @param reductionFactor how many times wider the model is than the waist, or null if {@code bottleneckSize} says it
 * @param nonLinearity the activation function, by Hugging Face's name
 * @param initWeights whether adapters begin as nothing; {@code false} is for tests
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 */
public record BottleneckConfig(
        CommonSettings common,
        BottleneckVariant variant,
        @Nullable Integer bottleneckSize,
        @Nullable Number reductionFactor,
        String nonLinearity,
        boolean initWeights,
        @Nullable List<String> modulesToSave)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "BOTTLENECK";

    private static final int DEFAULT_REDUCTION = 16;
    private static final String DEFAULT_FUNCTION = "relu";

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    public BottleneckConfig {
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        List<String> problems = new ArrayList<>();
        if ((bottleneckSize == null) == (reductionFactor == null)) {
            problems.add("exactly one of bottleneck_size and reduction_factor must be given, got " + bottleneckSize
                    + " and " + reductionFactor);
        }
        if (bottleneckSize != null && bottleneckSize < 1) {
            problems.add("bottleneck_size must be at least 1, got " + bottleneckSize);
        }
        if (reductionFactor != null && !(reductionFactor.doubleValue() > 0)) {
            problems.add("reduction_factor must be greater than 0, got " + reductionFactor);
        }
        try {
            ActivationFunction.of(nonLinearity);
        } catch (IllegalArgumentException e) {
            problems.add("non_linearity: " + e.getMessage());
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Adapters of Houlsby's variant whose waist has a width. */
    public static BottleneckConfig ofSize(int bottleneckSize) {
        return new BottleneckConfig(
                CommonSettings.forModel(),
                BottleneckVariant.HOULSBY,
                bottleneckSize,
                null,
                DEFAULT_FUNCTION,
                true,
                null);
    }

    /** Adapters of Houlsby's variant whose waist is so many times narrower than the model. */
    public static BottleneckConfig ofReduction(Number reductionFactor) {
        return new BottleneckConfig(
                CommonSettings.forModel(),
                BottleneckVariant.HOULSBY,
                null,
                reductionFactor,
                DEFAULT_FUNCTION,
                true,
                null);
    }

    /** The same in another variant. */
    public BottleneckConfig withVariant(BottleneckVariant other) {
        return new BottleneckConfig(
                common, other, bottleneckSize, reductionFactor, nonLinearity, initWeights, modulesToSave);
    }

    /** The same with another activation function, by Hugging Face's name, for example {@code gelu}. */
    public BottleneckConfig withNonLinearity(String name) {
        return new BottleneckConfig(common, variant, bottleneckSize, reductionFactor, name, initWeights, modulesToSave);
    }

    /** The same with other first values: {@code false} for adapters that change the output at once. */
    public BottleneckConfig withInitWeights(boolean asNothing) {
        return new BottleneckConfig(
                common, variant, bottleneckSize, reductionFactor, nonLinearity, asNothing, modulesToSave);
    }

    /** The same with modules that are trained whole, by ends of their paths. */
    public BottleneckConfig withModulesToSave(String... names) {
        return new BottleneckConfig(
                common, variant, bottleneckSize, reductionFactor, nonLinearity, initWeights, List.of(names));
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public BottleneckConfig withCommon(CommonSettings other) {
        return new BottleneckConfig(
                other, variant, bottleneckSize, reductionFactor, nonLinearity, initWeights, modulesToSave);
    }

    /**
     * The width of the waist behind a layer: at least 1.
     *
     * @throws IllegalArgumentException if the reduction factor makes it wider than any array
     */
    int size(long width) {
        if (bottleneckSize != null) {
            return bottleneckSize;
        }
        double size = width / Objects.requireNonNull(reductionFactor).doubleValue();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("reduction_factor " + reductionFactor
                    + " is too small: the adapter of a layer of width " + width + " would have a width of " + size);
        }
        return Math.max(1, (int) size);
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("variant", variant.name().toLowerCase(Locale.ROOT));
        settings.put("bottleneck_size", bottleneckSize);
        settings.put("reduction_factor", reductionFactor);
        settings.put("non_linearity", nonLinearity);
        settings.put("init_weights", initWeights);
        settings.put("modules_to_save", modulesToSave);
        return settings;
    }

    /**
     * Reads the settings; without a size the waist is 16 times narrower than the model.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static BottleneckConfig read(ConfigValues values) {
        BottleneckVariant variant = values.constant("variant", BottleneckVariant.HOULSBY);
        Integer size = values.integerOrNull("bottleneck_size");
        Number given = values.numberAsWritten("reduction_factor", Double.NaN);
        Number factor = !Double.isNaN(given.doubleValue()) ? given : size == null ? (Number) DEFAULT_REDUCTION : null;
        String function = values.text("non_linearity", DEFAULT_FUNCTION);
        boolean initWeights = values.flag("init_weights", true);
        List<String> saved = values.textsOrNull("modules_to_save");
        CommonSettings common = values.finish();
        try {
            return new BottleneckConfig(common, variant, size, factor, function, initWeights, saved);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }
}
