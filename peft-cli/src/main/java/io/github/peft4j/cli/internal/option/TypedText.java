package io.github.peft4j.cli.internal.option;

/** Text as it is typed where a line end is hard to type. */
final class TypedText {

    private TypedText() {}

    /** The text with {@code \n} as a line end, {@code \t} as a tab and {@code \\} as one backslash; any other backslash stays. */
    static String unescaped(String typed) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < typed.length(); i++) {
            char c = typed.charAt(i);
            char next = c == '\\' && i + 1 < typed.length() ? typed.charAt(i + 1) : ' ';
            int escape = "nt\\".indexOf(next);
            if (c == '\\' && escape >= 0) {
                text.append("\n\t\\".charAt(escape));
                i++;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
