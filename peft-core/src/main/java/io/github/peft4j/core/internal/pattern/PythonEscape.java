package io.github.peft4j.core.internal.pattern;

import java.util.Locale;

/**
 * Translates one escape, a backslash and what belongs to it, from Python's syntax to Java's.
 *
 * @param in at the backslash; behind the escape when it is translated
 * @param inClass whether it stands in a class of characters
 * @param groups how many groups have begun
 */
record PythonEscape(ExpressionCursor in, boolean inClass, int groups) {

    /** Whether it stands for a place between characters, which cannot be repeated. */
    boolean isPlace() {
        return !inClass && "AbBZ".indexOf(letter()) >= 0;
    }

    private char letter() {
        if (in.at() + 1 >= in.text().length()) {
            throw in.bad("bad escape, the expression ends in a backslash");
        }
        return in.text().charAt(in.at() + 1);
    }

    /** The escape in Java's syntax. */
    String translate() {
        char c = letter();
        if (c >= '0' && c <= '9') {
            return numbered();
        }
        boolean ascii = c < 128 && Character.isLetter(c);
        if (!ascii) {
            return read(2, (c < 128 ? "\\" : "") + c);
        }
        return switch (c) {
            case 'd', 'D', 's', 'S', 'w', 'W', 'f', 'n', 'r', 't' -> read(2, "\\" + c);
            case 'a' -> character(7, 2);
            case 'v' -> character(11, 2);
            case 'x' -> character(hex(2), 4);
            case 'u' -> character(hex(4), 6);
            case 'U' -> character(hex(8), 10);
            case 'N' -> throw in.unsupported("a character by name, \\N");
            default -> place(c);
        };
    }

    private String read(int length, String translated) {
        in.skip(length);
        return translated;
    }

    private String place(char c) {
        if (inClass && c == 'b') {
            return character(8, 2);
        }
        if (!inClass && (c == 'A' || c == 'b' || c == 'B')) {
            return read(2, "\\" + c);
        }
        if (!inClass && c == 'Z') {
            return read(2, "\\z");
        }
        throw in.bad("bad escape \\" + c);
    }

    private String character(int code, int length) {
        return read(length, String.format(Locale.ROOT, "\\x{%x}", code));
    }

    private int hex(int digits) {
        int from = in.at() + 2;
        String text = in.text().substring(from, Math.min(in.text().length(), from + digits));
        boolean valid = text.length() == digits && text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
        if (!valid || Long.parseLong(text, 16) > Character.MAX_CODE_POINT) {
            throw in.bad("incomplete escape \\" + letter() + text);
        }
        return Integer.parseInt(text, 16);
    }

    /** A backslash and digits: an octal code after a zero, of three digits, or within a class; otherwise a group. */
    private String numbered() {
        int from = in.at() + 1;
        int octal = octalDigits(from);
        if (inClass || letter() == '0' || octal == 3) {
            if (octal == 0) {
                throw in.bad("bad escape \\" + letter());
            }
            int code = Integer.parseInt(in.text().substring(from, from + octal), 8);
            if (code > 255) {
                throw in.bad("octal escape value outside of range 0-0o377");
            }
            return character(code, 1 + octal);
        }
        String text = in.text();
        int digits = from + 1 < text.length() && Character.digit(text.charAt(from + 1), 10) >= 0 ? 2 : 1;
        int group = Integer.parseInt(text.substring(from, from + digits));
        if (group > groups) {
            throw in.bad("invalid group reference " + group);
        }
        return read(1 + digits, "(?:\\" + group + ")");
    }

    private int octalDigits(int from) {
        String text = in.text();
        int end = from;
        while (end < text.length() && end < from + 3 && text.charAt(end) >= '0' && text.charAt(end) <= '7') {
            end++;
        }
        return end - from;
    }
}
