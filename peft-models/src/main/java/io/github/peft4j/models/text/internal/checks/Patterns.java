package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.message.Printable;
import java.util.List;

/** What splits or replaces parts of a text that a text or a regular expression describes. */
final class Patterns {

    private static final List<String> BEHAVIORS =
            List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

    private static final int LONGEST_TEXT = 256;
    private static final int LONGEST_EXPRESSION = 4096;

    /** What a pattern costs, and the fewest bytes that it matches. */
    private record Checked(Cost cost, int least) {}

    private Patterns() {}

    /** The normalizer or decoder Replace. */
    static Cost replace(Component component, int longestContent) {
        Checked pattern = pattern(component, 1);
        int content = Component.utf8Length(component.text("content", longestContent));
        return pattern.cost().then(Cost.growing(content / (double) Math.max(1, pattern.least())));
    }

    /** The pre-tokenizer Split. */
    static Cost split(Component component) {
        Checked pattern = pattern(component, 0);
        component.oneOf("behavior", BEHAVIORS);
        component.flag("invert");
        return pattern.cost();
    }

    /** The pre-tokenizer Punctuation. */
    static void behavior(Component component) {
        if (component.has("behavior")) {
            component.oneOf("behavior", BEHAVIORS);
        }
    }

    private static Checked pattern(Component component, int least) {
        Component pattern = component.under("pattern");
        component.checked().put("pattern", pattern.checked());
        if (pattern.has("String") == pattern.has("Regex")) {
            pattern.fault("expected either String or Regex");
            return new Checked(Cost.NONE, 1);
        } else if (pattern.has("String")) {
            String text = pattern.text("String", LONGEST_TEXT);
            if (text.length() < least) {
                pattern.fault("String is empty");
            }
            return new Checked(Cost.NONE, Component.utf8Length(text));
        }
        String expression = pattern.text("Regex", LONGEST_EXPRESSION);
        try {
            int matched = PatternParser.parse(expression).least();
            if (matched < least) {
                pattern.fault("the expression " + Printable.quoted(expression) + " can match nothing");
            }
            return new Checked(PatternCost.of(expression), matched);
        } catch (IllegalArgumentException e) {
            pattern.fault("the expression " + Printable.quoted(expression) + " " + e.getMessage());
            pattern.checked().put("Regex", "x");
            return new Checked(Cost.NONE, 1);
        }
    }
}
