package io.github.peft4j.training.optimizer;

import io.github.peft4j.training.optimizer.internal.NamePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Weights that learn at a rate, or decay, of their own, or not at all.
 *
 * <pre>{@code
 * ParameterGroup.of("score").at(1e-3).decaying(0)    // a new head
 * ParameterGroup.of("embed_tokens,layers.0").at(0)   // frozen
 * }</pre>
 *
 * @param pattern which weights, as {@code target_modules} names modules: ends of paths separated by commas, or a regular expression for a
 *     whole path. A weight is meant if its name, or a module that it lies in, is
 * @param factor what the run's learning rate is multiplied by
 * @param learningRate the highest learning rate in place of the run's, or null. A rate of 0 freezes: nothing is computed or kept for these
 * @param weightDecay the decay of all these weights, biases and norms among them; null for the run's, which spares those
 */
public record ParameterGroup(
        String pattern,
        double factor,
        @Nullable Double learningRate,
        @Nullable Double weightDecay) {

    /** Checks pattern and ranges; all that is wrong is in one message. */
    public ParameterGroup {
        List<String> problems = new ArrayList<>();
        try {
            NamePattern.of(pattern);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        requireRate(problems, "the factor of the learning rate", factor);
        requireRate(problems, "the learning rate", learningRate);
        requireRate(problems, "the weight decay", weightDecay);
        if (learningRate != null && factor != 1) {
            problems.add("a learning rate of its own, " + learningRate + ", and a factor of the run's, " + factor
                    + ", exclude each other");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("parameter group \"" + pattern + "\": " + String.join("; ", problems));
        }
    }

    private static void requireRate(List<String> problems, String what, @Nullable Double value) {
        if (value != null && !(value >= 0 && Double.isFinite(value))) {
            problems.add(what + " must be at least 0, got " + value);
        }
    }

    /** Weights by their names, so far with the run's rate and decay. */
    public static ParameterGroup of(String pattern) {
        return new ParameterGroup(pattern, 1, null, null);
    }

    /** At so many times the run's learning rate. */
    public ParameterGroup times(double by) {
        return new ParameterGroup(pattern, by, learningRate, weightDecay);
    }

    /** At a highest learning rate of their own, which runs over the steps as the run's does. */
    public ParameterGroup at(double rate) {
        return new ParameterGroup(pattern, factor, rate, weightDecay);
    }

    /** With a decay of their own. */
    public ParameterGroup decaying(double decay) {
        return new ParameterGroup(pattern, factor, learningRate, decay);
    }

    /** Whether these weights keep the values they have. */
    public boolean freezes() {
        return factor == 0 || (learningRate != null && learningRate == 0);
    }

    /** What is set, by name. */
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("pattern", pattern);
        if (learningRate != null) {
            settings.put("learning_rate", learningRate);
        } else {
            settings.put("factor", factor);
        }
        if (weightDecay != null) {
            settings.put("weight_decay", weightDecay);
        }
        return settings;
    }
}
