package io.github.peft4j.jinja.internal.parse;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.math.BigDecimal;

/** Strings and numbers as they stand in a template. */
final class Literals {

    /**
     * A literal.
     *
     * @param end the position after it
     */
    record Read<T>(T value, int end) {}

    private Literals() {}

    /** A quoted string, with Python's escapes. */
    static Read<String> string(String source, int start) {
        char quote = source.charAt(start);
        StringBuilder out = new StringBuilder();
        int at = start + 1;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            if (c != '\\' || at == source.length()) {
                out.append(c);
            } else {
                at = escape(source, at, out);
            }
        }
        if (at >= source.length()) {
            throw new TemplateException("a string is not closed: expected " + quote);
        }
        return new Read<>(out.toString(), at + 1);
    }

    private static int escape(String source, int at, StringBuilder out) {
        char c = source.charAt(at);
        int simple = "\n\\'\"abfnrtv".indexOf(c);
        if (simple > 0) {
            out.append("\\'\"\u0007\b\f\n\r\t\u000b".charAt(simple - 1));
            return at + 1;
        } else if (simple == 0) {
            return at + 1;
        } else if (c >= '0' && c <= '7') {
            int end = at;
            while (end < source.length() && end < at + 3 && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
                end++;
            }
            out.appendCodePoint(Integer.parseInt(source.substring(at, end), 8));
            return end;
        }
        int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits == 0) {
            out.append('\\').append(c);
            return at + 1;
        }
        int end = at + 1 + digits;
        String code = source.substring(at + 1, Math.min(end, source.length()));
        int codePoint =
                code.length() == digits && code.matches("[0-9a-fA-F]+") ? Integer.parseUnsignedInt(code, 16) : -1;
        if (!Character.isValidCodePoint(codePoint)) {
            throw new TemplateException(
                    "a string has the escape \\" + c + " without " + digits + " hexadecimal digits of a character");
        }
        out.appendCodePoint(codePoint);
        return end;
    }

    /** A whole number or, where allowed, a float. */
    static Read<Object> number(String source, int start, boolean mayBeFloat) {
        int whole = digits(source, start);
        int end = whole;
        if (mayBeFloat) {
            if (end < source.length() && source.charAt(end) == '.' && digits(source, end + 1) > end + 1) {
                end = digits(source, end + 1);
            }
            if (end < source.length() && (source.charAt(end) | 0x20) == 'e') {
                int sign = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0 ? 2 : 1;
                int exponent = digits(source, end + sign);
                end = exponent > end + sign ? exponent : end;
            }
        }
        String text = source.substring(start, end);
        if (text.length() > 64) {
            throw new TemplateException("a number has more than 64 digits");
        }
        if (end > whole) {
            return new Read<>(new BigDecimal(text).doubleValue(), end);
        }
        if (text.length() > 1 && text.matches("0+[1-9].*")) {
            throw new TemplateException("the number " + text + " begins with 0");
        }
        try {
            return new Read<>(Long.valueOf(text), end);
        } catch (NumberFormatException e) {
            throw new TemplateException("the number " + text + " does not fit 64 bits");
        }
    }

    private static int digits(String source, int start) {
        int end = start;
        while (end < source.length() && source.charAt(end) >= '0' && source.charAt(end) <= '9') {
            end++;
        }
        return end;
    }
}
