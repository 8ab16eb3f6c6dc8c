package io.github.peft4j.training.optimizer.internal;

import io.github.peft4j.core.config.TargetModules;
import java.util.List;
import java.util.function.Predicate;

/**
 * Names weights as {@code target_modules} names modules: by ends of paths, separated by commas, or by a regular expression of Python's for a
 * whole path. The paths are the weight's own and those of the modules that it lies in, so that {@code q_proj}, {@code layers.3} and {@code
 * bias} all name weights.
 *
 * @param text as it was written
 */
public record NamePattern(String text, TargetModules targets) {

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it names nothing, or is no valid expression
     */
    public static NamePattern of(String text) {
        TargetModules targets = TargetModules.ofText(text);
        if (targets instanceof TargetModules.AllLinear) {
            throw new IllegalArgumentException(
                    "\"" + TargetModules.ALL_LINEAR + "\" names modules, not weights: name them, or use an expression");
        }
        if (targets instanceof TargetModules.Named named && named.names().isEmpty()) {
            throw new IllegalArgumentException(
                    "the pattern is empty: expected names separated by commas, or a regular expression");
        }
        return new NamePattern(text, targets);
    }

    /** Whether it names a weight. What stands before a colon, an adapter's name, is not looked at. */
    public boolean matches(String name) {
        String path = name.substring(name.indexOf(':') + 1);
        Predicate<String> names = named();
        for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
            if (names.test(path.substring(0, end))) {
                return true;
            }
        }
        return false;
    }

    private Predicate<String> named() {
        if (targets instanceof TargetModules.Matching matching) {
            return matching.pattern()::matchesAll;
        }
        List<String> ends = ((TargetModules.Named) targets).names();
        return path -> ends.stream().anyMatch(end -> path.equals(end) || path.endsWith("." + end));
    }
}
