package io.github.peft4j.models.hub.internal.fetch;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Patterns of names as {@code huggingface_hub} has them, which are Python's {@code fnmatch}: {@code *} is any text, also one with {@code /}, {@code ?} a character,
 * {@code [a-c]} one of some, {@code [!a-c]} one that is none of them; a pattern that ends with {@code /} is all below a folder.
 */
public final class Globs {

    private final List<Pattern> patterns;

    /** Some patterns, perhaps none. */
    public Globs(List<String> globs) {
        this.patterns = globs.stream().map(Globs::pattern).toList();
    }

    /** Whether any of them matches all of a name. */
    public boolean match(String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    private static Pattern pattern(String glob) {
        String whole = glob.endsWith("/") ? glob + "*" : glob;
        StringBuilder regex = new StringBuilder();
        for (int at = 0; at < whole.length(); at++) {
            char c = whole.charAt(at);
            // The first character may be a closing bracket.
            int end = c == '[' ? whole.indexOf(']', whole.startsWith("!", at + 1) ? at + 3 : at + 2) : -1;
            if (end > 0) {
                regex.append(characters(whole.substring(at + 1, end)));
                at = end;
            } else {
                regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    private static String characters(String some) {
        boolean others = some.startsWith("!");
        String escaped = some.substring(others ? 1 : 0).replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
        return "[" + (others ? "^" : "") + escaped + "]";
    }
}
