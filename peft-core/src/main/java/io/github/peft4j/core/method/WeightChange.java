package io.github.peft4j.core.method;

/**
 * What merging did to a model's weights.
 *
 * @param largest the largest absolute change of a value
 * @param rounding the largest absolute difference between a value and its exact float32 result: nothing in a float32 model, and half a unit
 *     in the last place at most in 16-bit formats
 */
public record WeightChange(double largest, double rounding) {

    /** Nothing changed. */
    public static final WeightChange NONE = new WeightChange(0, 0);

    /** The change of two sets of weights together. */
    public WeightChange and(WeightChange other) {
        return new WeightChange(Math.max(largest, other.largest), Math.max(rounding, other.rounding));
    }
}
