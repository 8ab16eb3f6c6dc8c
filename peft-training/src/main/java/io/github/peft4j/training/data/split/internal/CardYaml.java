package io.github.peft4j.training.data.split.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of YAML that heads of cards are written in: maps and lists by indentation, of one-line texts, plain or in quotes. What is written otherwise is a
 * problem, not a guess.
 */
final class CardYaml {

    private static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9_.\"'-]+):(?:\\s+(.*))?");
    private static final int DEPTH = 8;

    private final List<Line> lines = new ArrayList<>();
    private int at;

    /** A line that is not blank, without what is before its text. */
    private record Line(int indent, String text) {}

    /** What is not of this form. */
    static final class Unread extends Exception {

        private static final long serialVersionUID = 1L;

        Unread(String message) {
            super(message);
        }
    }

    private CardYaml(List<String> text) {
        for (String line : text) {
            String stripped = line.strip();
            if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                lines.add(new Line(line.indexOf(stripped.charAt(0)), stripped));
            }
        }
    }

    /**
     * Reads a map, list or text.
     *
     * @throws Unread if it is written in another way
     */
    static @Nullable Object read(List<String> text) throws Unread {
        CardYaml yaml = new CardYaml(text);
        Object value = yaml.lines.isEmpty() ? null : yaml.node(yaml.lines.get(0).indent, 0);
        if (yaml.at < yaml.lines.size()) {
            throw yaml.unread();
        }
        return value;
    }

    private Unread unread() {
        return new Unread(at < lines.size() ? "\"" + lines.get(at).text + "\"" : "its end");
    }

    private boolean isItem(int indent) {
        return at < lines.size()
                && lines.get(at).indent == indent
                && (lines.get(at).text.equals("-") || lines.get(at).text.startsWith("- "));
    }

    private @Nullable Object node(int indent, int depth) throws Unread {
        if (depth > DEPTH) {
            throw unread();
        }
        if (isItem(indent)) {
            return list(indent, depth);
        }
        if (ENTRY.matcher(lines.get(at).text).matches()) {
            return map(indent, depth);
        }
        return scalar(lines.get(at++).text);
    }

    private List<@Nullable Object> list(int indent, int depth) throws Unread {
        List<@Nullable Object> list = new ArrayList<>();
        while (isItem(indent)) {
            String text = lines.get(at).text;
            String rest = text.substring(1).strip();
            if (rest.isEmpty()) {
                at++;
                list.add(below(indent, depth));
            } else {
                // What follows the hyphen begins a node of its own, as far in as it stands.
                int inner = indent + text.length() - rest.length();
                lines.set(at, new Line(inner, rest));
                list.add(node(inner, depth + 1));
            }
        }
        return list;
    }

    private @Nullable Object below(int indent, int depth) throws Unread {
        return at < lines.size() && lines.get(at).indent > indent ? node(lines.get(at).indent, depth + 1) : null;
    }

    private Map<String, @Nullable Object> map(int indent, int depth) throws Unread {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (at < lines.size() && lines.get(at).indent == indent && !isItem(indent)) {
            Matcher entry = ENTRY.matcher(lines.get(at).text);
            if (!entry.matches()) {
                throw unread();
            }
            String value = entry.group(2);
            String key = String.valueOf(scalar(entry.group(1)));
            if (value != null && !value.isBlank() && !value.startsWith("#")) {
                map.put(key, scalar(value.strip()));
                at++;
            } else {
                at++;
                map.put(key, isItem(indent) ? list(indent, depth + 1) : below(indent, depth));
            }
        }
        return map;
    }

    private Object scalar(String text) throws Unread {
        char first = text.charAt(0);
        if (first == '"' || first == '\'') {
            int end = text.indexOf(first, 1);
            if (end < 0
                    || text.indexOf('\\') >= 0
                    || !text.substring(end + 1).strip().matches("(#.*)?")) {
                throw unread();
            }
            return text.substring(1, end);
        }
        if ("[{&*!|>%@`".indexOf(first) >= 0) {
            throw unread();
        }
        int comment = text.indexOf(" #");
        return comment < 0 ? text : text.substring(0, comment).strip();
    }
}
