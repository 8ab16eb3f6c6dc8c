package io.github.peft4j.models.json;

import org.jspecify.annotations.Nullable;

/** Texts between quotation marks. */
public final class JsonQuoting {

    /** Which characters are written as escapes besides those that must be. */
    public enum Escaping {
        /** All but ASCII: Python's {@code json.dumps}. */
        ASCII,
        /** No others: Python's {@code ensure_ascii=False}, and Rust's serde_json. */
        UNICODE,
        /** Those that no line of UTF-8 holds safely: surrogates without partner, and what ends a line for some readers. */
        LINE
    }

    private static final char LINE_SEPARATOR = '\u2028';
    private static final char PARAGRAPH_SEPARATOR = '\u2029';
    private static final char DELETE = 0x7f;
    private static final char LAST_CONTROL = 0x9f;

    private JsonQuoting() {}

    /** Appends a text with quotation marks around it. */
    public static void quote(StringBuilder out, CharSequence text, Escaping escaping) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String shortForm = shortForm(c);
            if (shortForm != null) {
                out.append(shortForm);
            } else if (c < ' ' || isEscaped(text, i, escaping)) {
                escape(out, c);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static @Nullable String shortForm(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> null;
        };
    }

    private static boolean isEscaped(CharSequence text, int index, Escaping escaping) {
        char c = text.charAt(index);
        return switch (escaping) {
            case ASCII -> c > '~';
            case UNICODE -> false;
            case LINE ->
                (c >= DELETE && c <= LAST_CONTROL)
                        || c == LINE_SEPARATOR
                        || c == PARAGRAPH_SEPARATOR
                        || isAlone(text, index);
        };
    }

    /** Whether a character is half of a pair whose other half is not there. */
    private static boolean isAlone(CharSequence text, int index) {
        char c = text.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
        }
        return Character.isLowSurrogate(c) && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
    }

    /** Appends {@code \}{@code u} and four hexadecimal digits. */
    public static void escape(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(c >> shift & 15, 16));
        }
    }
}
