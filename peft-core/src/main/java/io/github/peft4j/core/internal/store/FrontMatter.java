package io.github.peft4j.core.internal.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The YAML between two lines of dashes at the head of a Markdown file: some keys are set, whatever else a person wrote there stays to the
 * letter, comments and order included.
 */
public final class FrontMatter {

    private static final Pattern HEAD = Pattern.compile("^\\s*---[\\r\\n]+([\\S\\s]*?)[\\r\\n]+---(?:\\r\\n|\\n|$)");

    private static final Pattern KEY = Pattern.compile("^[\"']?([A-Za-z_][\\w.-]*)[\"']?\\s*:(.*)");

    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./~\\\\(+][^\\p{Cntrl}]*");

    private static final Pattern WORD =
            Pattern.compile("(?i)true|false|null|yes|no|on|off|y|n|~|[-+]?[\\d._]+(e[-+]?\\d+)?|\\d{4}-\\d.*");

    private static final Pattern NOTHING = Pattern.compile(":\\s*(null|~|''|\"\")?\\s*(#.*)?$");

    /** Each top-level key's lines; what stands before the first key has an empty one. */
    private final Map<String, List<String>> blocks = new LinkedHashMap<>();

    private final String text;

    private FrontMatter(String yaml, String text) {
        this.text = text;
        String key = "";
        for (String line : yaml.lines().toList()) {
            Matcher matcher = KEY.matcher(line);
            if (matcher.find()) {
                key = matcher.group(1);
            }
            blocks.computeIfAbsent(key, k -> new ArrayList<>()).add(line);
        }
    }

    /** Splits a file; one without such a head has no keys. */
    public static FrontMatter of(String markdown) {
        Matcher head = HEAD.matcher(markdown);
        return head.find()
                ? new FrontMatter(head.group(1), markdown.substring(head.end()))
                : new FrontMatter("", markdown);
    }

    /** What follows the head. */
    public String text() {
        return text;
    }

    /** Whether a key has a value. */
    public boolean has(String key) {
        List<String> lines = blocks.getOrDefault(key, List.of());
        return lines.size() > 1
                || lines.stream().anyMatch(line -> !NOTHING.matcher(line).find());
    }

    /** Sets keys, those already there in their place and the others, in alphabetical order, behind. */
    public void set(Map<String, ?> values) {
        new TreeMap<String, Object>(values).forEach((key, value) -> blocks.put(key, lines(key, value)));
    }

    private static List<String> lines(String key, Object value) {
        if (!(value instanceof Collection<?> items)) {
            return List.of(key + ": " + scalar(String.valueOf(value)));
        }
        List<String> lines = new ArrayList<>(Set.of(key + ":"));
        items.forEach(item -> lines.add("- " + scalar(String.valueOf(item))));
        return lines;
    }

    /** A text as YAML reads it back: as it is if nothing in it has a meaning, otherwise quoted. */
    static String scalar(String value) {
        boolean plain = PLAIN.matcher(value).matches()
                && !WORD.matcher(value).matches()
                && !value.contains(": ")
                && !value.contains(" #")
                && !value.endsWith(":")
                && value.equals(value.strip());
        if (plain) {
            return value;
        }
        boolean printable = value.chars().noneMatch(Character::isISOControl);
        return printable ? "'" + value.replace("'", "''") + "'" : doubleQuoted(value);
    }

    private static String doubleQuoted(String value) {
        StringBuilder out = new StringBuilder("\"");
        value.chars()
                .forEach(c -> out.append(
                        c < ' ' || c == '"' || c == '\\' || c > '~'
                                ? String.format(Locale.ROOT, "\\u%04X", c)
                                : (char) c + ""));
        return out.append('"').toString();
    }

    /** The head followed by another text. */
    public String with(String body) {
        StringBuilder out = new StringBuilder("---\n");
        blocks.values().forEach(lines -> lines.forEach(line -> out.append(line).append('\n')));
        return out.append("---\n").append(body).toString();
    }
}
