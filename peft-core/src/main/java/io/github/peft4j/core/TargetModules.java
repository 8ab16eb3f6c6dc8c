package io.github.peft4j.core;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which modules an adapter is for: names, a pattern of whole paths, or all linear layers. */
public sealed interface TargetModules {

    /** The shorthand for {@link AllLinear}. */
    String ALL_LINEAR = "all-linear";

    /** The value in {@code adapter_config.json}: a list or text. */
    Object json();

    /** Modules whose path is, or ends after a dot in, one of these names; Hugging Face's suffix match. */
    record Named(List<String> names) implements TargetModules {
        /** Copies the list. */
        public Named {
            names = List.copyOf(names);
        }

        @Override
        public Object json() {
            return names.stream().sorted().toList();
        }
    }

    /** Modules whose whole path matches a regular expression. */
    record Matching(Pattern pattern) implements TargetModules {
        @Override
        public Object json() {
            return pattern.pattern();
        }
    }

    /** Every linear layer but the output layer. */
    record AllLinear() implements TargetModules {
        @Override
        public Object json() {
            return ALL_LINEAR;
        }
    }

    /** Names. */
    static TargetModules named(String... names) {
        return new Named(List.of(names));
    }

    /**
     * What one text in a config means: the shorthand or a regular expression.
     *
     * @throws IllegalArgumentException if it is no valid expression
     */
    static TargetModules ofPattern(String text) {
        if (text.equalsIgnoreCase(ALL_LINEAR)) {
            return new AllLinear();
        }
        try {
            return new Matching(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "target modules \"" + text + "\" is no valid regular expression: " + e.getDescription(), e);
        }
    }

    /** What a user's text means: the shorthand, names separated by commas, or, if it cannot be names, a regular expression. */
    static TargetModules ofText(String text) {
        if (text.equalsIgnoreCase(ALL_LINEAR)) {
            return new AllLinear();
        }
        boolean names = text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "_.,- []\"'".indexOf(c) >= 0);
        if (!names) {
            return ofPattern(text);
        }
        String inner = text.replaceAll("[\\[\\]\"' ]", "");
        return new Named(
                List.of(inner.split(",")).stream().filter(n -> !n.isEmpty()).toList());
    }
}
