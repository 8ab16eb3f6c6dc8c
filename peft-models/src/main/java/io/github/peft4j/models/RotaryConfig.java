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
     * Reads either spelling.
     *
     * @throws IllegalArgumentException if the kind of scaling is not implemented
     */
    public static RotaryConfig of(ConfigJson json) {
        ConfigJson parameters = json.object("rope_parameters", "rope_scaling");
        double theta = json.numberOr(DEFAULT_THETA, "rope_theta");
        if (parameters == null) {
            return new RotaryConfig(theta, new RotaryScaling.None());
        }
        return new RotaryConfig(parameters.numberOr(theta, "rope_theta"), scaling(parameters));
    }

    private static RotaryScaling scaling(ConfigJson parameters) {
        String type = parameters.textOr("default", "rope_type", "type");
        return switch (type) {
            case "default" -> new RotaryScaling.None();
            case "linear" -> new RotaryScaling.Linear(parameters.numberOr(1, "factor"));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        parameters.numberOr(1, "factor"),
                        parameters.numberOr(1, "low_freq_factor"),
                        parameters.numberOr(4, "high_freq_factor"),
                        parameters.integer("original_max_position_embeddings"));
            default ->
                throw new IllegalArgumentException(parameters.source() + ": rope_type \"" + type
                        + "\" is not implemented; expected one of default, linear, llama3");
        };
    }

    /** The rotation for heads of a size. */
    public Rotary rotary(int headSize) {
        return new Rotary(scaling.apply(Rotary.frequencies(headSize, theta)), 1);
    }
}
