package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.json.JsonValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What normalizers can take away from an added token that is looked for after normalization, or make blank. One of which nothing is left is found
 * between any two bytes, also within a character; one of which blanks are left can lie among blanks that another has taken; and there the native
 * code ends the process (added_vocabulary.rs:437).
 */
final class Removals {

    private final List<Charsmap> maps = new ArrayList<>();
    private final List<Map<String, @Nullable Object>> patterns = new ArrayList<>();
    private boolean blanksAndMarks;
    private boolean makeBlank;

    /** There is a normalizer that can make something blank. */
    void makeBlank() {
        makeBlank = true;
    }

    void blanksAndMarks() {
        blanksAndMarks = true;
    }

    void mapped(Charsmap map) {
        maps.add(map);
    }

    void replaced(Map<String, @Nullable Object> replace) {
        patterns.add(replace);
    }

    /** Whether something of a token is sure to be left. */
    boolean leave(String token) {
        boolean nothingGoes = !blanksAndMarks
                && patterns.stream().noneMatch(replace -> content(replace).isEmpty())
                && maps.stream().noneMatch(map -> deletes(map, token));
        return nothingGoes || leaveVisible(token);
    }

    /** Whether something of a token that is not blank is sure to be left. */
    boolean leaveVisible(String token) {
        for (int i = 0; i < token.length(); i++) {
            if (isPlain(token, i)) {
                return true;
            }
        }
        return !makeBlank && !token.codePoints().allMatch(Removals::isBlank);
    }

    private static boolean isBlank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    private static boolean deletes(Charsmap map, String token) {
        return token.codePoints().anyMatch(c -> map.deletesFrom(first(Character.toString(c))));
    }

    private static int first(String text) {
        return text.getBytes(StandardCharsets.UTF_8)[0] & 0xff;
    }

    /** Whether a character is one that nothing touches: visible ASCII among ASCII, and in no pattern. */
    private boolean isPlain(String token, int index) {
        char c = token.charAt(index);
        boolean among = (index == 0 || token.charAt(index - 1) < 0x80)
                && (index + 1 == token.length() || token.charAt(index + 1) < 0x80);
        return c > ' '
                && c < 0x7f
                && among
                && maps.stream().noneMatch(map -> map.replaces(c) || map.deletesFrom(c))
                && (maps.isEmpty() || patterns.stream().noneMatch(Removals::writesOther))
                && patterns.stream().noneMatch(replace -> touches(JsonValues.object(replace.get("pattern")), c));
    }

    /** Whether a replacement could join a character to a cluster, of which a table may then make anything. */
    private static boolean writesOther(Map<String, @Nullable Object> replace) {
        return content(replace).chars().anyMatch(c -> c >= 0x80 && c != '\u2581');
    }

    private static String content(Map<String, @Nullable Object> replace) {
        return JsonValues.text(replace.get("content"));
    }

    private static boolean touches(Map<String, @Nullable Object> pattern, char c) {
        if (pattern.get("String") instanceof String text) {
            return text.indexOf(Character.toLowerCase(c)) >= 0 || text.indexOf(Character.toUpperCase(c)) >= 0;
        }
        return PatternParser.parse(JsonValues.text(pattern.get("Regex")))
                .characters()
                .anyMatch(set -> mayMatch(set, Character.toLowerCase(c)) || mayMatch(set, Character.toUpperCase(c)));
    }

    private static boolean mayMatch(String set, char c) {
        if (set.contains("[:") || set.contains("\\h") || set.contains("\\H")) {
            return true; // not Java's
        }
        try {
            return java.util.regex.Pattern.compile(set)
                    .matcher(String.valueOf(c))
                    .matches();
        } catch (PatternSyntaxException e) {
            return true;
        }
    }
}
