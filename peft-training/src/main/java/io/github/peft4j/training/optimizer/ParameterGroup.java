package io.github.peft4j.training.optimizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Weights that learn at a rate, or decay, of their own.
 *
 * <pre>{@code
 * ParameterGroup.of("lora_B").times(16)                  // LoRA+
 * ParameterGroup.of("^score\\.").at(1e-3).decaying(0)    // a new head
 * }</pre>
 *
 * @param pattern a regular expression that is found somewhere in the weights' names
 * @param factor what the run's learning rate is multiplied by
 * @param learningRate the highest learning rate in place of the run's, or null
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
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            problems.add(
                    "the pattern is no regular expression: " + e.getDescription() + " at character " + e.getIndex());
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
