package io.github.peft4j.models.checkpoint;

import io.github.peft4j.models.json.JsonQuoting;

/** Text taken from a file, made safe to stand in a one-line message: bounded in length, no control characters. */
final class Quoted {

    private static final int MAX_CHARACTERS = 160;

    private Quoted() {}

    static String name(String text) {
        return '"' + line(text) + '"';
    }

    static String line(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (i == MAX_CHARACTERS) {
                return out.append("... (")
                        .append(text.length())
                        .append(" characters)")
                        .toString();
            }
            char c = text.charAt(i);
            int type = Character.getType(c);
            boolean printable = !Character.isISOControl(c)
                    && type != Character.FORMAT
                    && type != Character.LINE_SEPARATOR
                    && type != Character.PARAGRAPH_SEPARATOR;
            if (printable) {
                out.append(c);
            } else {
                JsonQuoting.escape(out, c);
            }
        }
        return out.toString();
    }
}
