package io.github.peft4j.core.config;

import io.github.peft4j.core.config.internal.SettingText;
import io.github.peft4j.core.internal.pattern.PythonPattern;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which modules an adapter is for: names, a pattern of whole paths, or all linear layers. */
public sealed interface TargetModules {

    /** The shorthand for {@link AllLinear}. */
    String ALL_LINEAR = "all-linear";

    /** The text for no module at all, for adapters that are only containers of others. */
    String NONE = "dummy-target-modules";

    /** The value in {@code adapter_config.json}: a list or text. */
    Object json();

    /** Modules whose path is, or ends after a dot in, one of these names; Hugging Face's suffix match. */
    record Named(List<String> names) implements TargetModules {
        /** Copies the list; a name that stands twice counts once. */
        public Named {
            names = names.stream().distinct().toList();
        }

        @Override
        public Object json() {
            return names.stream().sorted().toList();
        }
    }

    /** Modules whose whole path matches a regular expression. */
    record Matching(PythonPattern pattern) implements TargetModules {
        @Override
        public Object json() {
            return pattern.text();
        }
    }

    /** Every linear layer but the output layer. */
    record AllLinear() implements TargetModules {
        @Override
        public Object json() {
            return ALL_LINEAR;
        }
    }

    /** What covers all of these: all their names, or their patterns as alternatives; null if they are of different kinds. */
    static @Nullable TargetModules united(List<TargetModules> targets) {
        if (targets.stream().allMatch(Named.class::isInstance)) {
            return new Named(targets.stream()
                    .flatMap(named -> ((Named) named).names().stream())
                    .toList());
        }
        if (targets.stream().allMatch(Matching.class::isInstance)) {
            return new Matching(PythonPattern.compile(targets.stream()
                    .map(matching -> "(" + ((Matching) matching).pattern().text() + ")")
                    .collect(Collectors.joining("|"))));
        }
        return targets.stream().allMatch(AllLinear.class::isInstance) ? targets.get(0) : null;
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
        return text.equalsIgnoreCase(ALL_LINEAR) ? new AllLinear() : new Matching(PythonPattern.compile(text));
    }

    /**
     * What a user's text means: the shorthand, names separated by commas, or, if it cannot be names, a regular expression.
     *
     * @throws IllegalArgumentException if it is no valid expression
     */
    static TargetModules ofText(String text) {
        boolean names = SettingText.inside(text, '[', ']')
                .chars()
                .allMatch(c -> Character.isLetterOrDigit(c) || "_.,- \"'".indexOf(c) >= 0);
        if (!names || text.equalsIgnoreCase(ALL_LINEAR) || text.equals(NONE)) {
            return ofPattern(text);
        }
        return new Named(SettingText.list(text));
    }
}
