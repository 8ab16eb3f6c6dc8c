package io.github.peft4j.models;

import io.github.peft4j.models.nn.Rotary;
import io.github.peft4j.models.nn.RotaryScaling;

/**
 * Rotary positions as configs spell them: {@code rope_parameters} (transformers 5), or {@code rope_theta} with {@code rope_scaling}.
 *
 * @param theta base of the frequencies
 * @param scaling how they are stretched
 */
public record RotaryConfig(double theta, RotaryScaling scaling) {

    private static final double DEFAULT_THETA = 10000;

    /**
     * Reads either spelling; where both are there the older one counts, as in transformers.
     *
     * @throws IllegalArgumentException if a value is bad, or what is asked for is not implemented
     */
    public static RotaryConfig of(ConfigJson json) {
        requireWholeHeads(json);
        double theta = json.positiveOr(DEFAULT_THETA, "rope_theta");
        ConfigJson parameters = json.object("rope_scaling");
        if (parameters == null || parameters.isEmpty()) {
            parameters = json.object("rope_parameters");
        }
        if (parameters == null) {
            return new RotaryConfig(theta, new RotaryScaling.None());
        }
        requireWholeHeads(parameters);
        // Other architectures have one set of values per kind of layer; in these it would be misread as none at all.
        parameters.refuse("full_attention");
        parameters.refuse("sliding_attention");
        return new RotaryConfig(parameters.positiveOr(theta, "rope_theta"), scaling(json, parameters));
    }

    private static void requireWholeHeads(ConfigJson json) {
        if (json.positiveOr(1, "partial_rotary_factor") != 1) {
            json.refuse("partial_rotary_factor");
        }
    }

    private static RotaryScaling scaling(ConfigJson json, ConfigJson parameters) {
        String type = parameters.textOr("default", "rope_type", "type");
        return switch (type) {
            case "default" -> new RotaryScaling.None();
            case "linear" -> new RotaryScaling.Linear(parameters.positive("factor"));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        parameters.positive("factor"),
                        parameters.positive("low_freq_factor"),
                        parameters.positive("high_freq_factor"),
                        originalLength(json, parameters));
            default ->
                throw new IllegalArgumentException(parameters.source() + ": rope_type \"" + type
                        + "\" is not implemented; expected one of default, linear, llama3");
        };
    }

    /** The config's own key counts more than the nested one; without either, the length the model is said to be made for. */
    private static int originalLength(ConfigJson json, ConfigJson parameters) {
        String key = "original_max_position_embeddings";
        return json.has(key) || !parameters.has(key)
                ? json.integer(key, "max_position_embeddings")
                : parameters.integer(key);
    }

    /** The rotation for heads of a size. */
    public Rotary rotary(int headSize) {
        return new Rotary(scaling.apply(Rotary.frequencies(headSize, theta)), 1);
    }
}
