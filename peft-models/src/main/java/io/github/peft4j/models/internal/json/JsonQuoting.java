package io.github.peft4j.models.internal.json;

import io.github.peft4j.models.internal.message.Printable;
import org.jspecify.annotations.Nullable;

/** Texts between quotation marks. */
public final class JsonQuoting {

    /** Which characters are written as escapes besides those that must be. */
    public enum Escaping {
        /** All but ASCII: Python's {@code json.dumps}. */
        ASCII,
        /** No others: Python's {@code ensure_ascii=False}, and Rust's serde_json. */
        UNICODE,
        /** Those that a line does not show as themselves: what ends it for some readers, steers a terminal, or is half of a pair. */
        LINE
    }

    private JsonQuoting() {}

    /** Appends a text with quotation marks around it. */
    public static void quote(StringBuilder out, CharSequence text, Escaping escaping) {
        out.append('"');
        if (isPlain(text, escaping)) {
            out.append(text);
        } else {
            escape(out, text, escaping);
        }
        out.append('"');
    }

    private static boolean isPlain(CharSequence text, Escaping escaping) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || isEscaped(text, i, escaping)) {
                return false;
            }
        }
        return true;
    }

    private static void escape(StringBuilder out, CharSequence text, Escaping escaping) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String shortForm = shortForm(c);
            if (shortForm != null) {
                out.append(shortForm);
            } else if (c < ' ' || isEscaped(text, i, escaping)) {
                Printable.escape(out, c);
            } else {
                out.append(c);
            }
        }
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
            case LINE -> Printable.isHidden(Character.codePointAt(text, start(text, index)));
        };
    }

    /** Where the character begins that a unit of 16 bits belongs to. */
    private static int start(CharSequence text, int index) {
        boolean second = index > 0
                && Character.isLowSurrogate(text.charAt(index))
                && Character.isHighSurrogate(text.charAt(index - 1));
        return second ? index - 1 : index;
    }
}
