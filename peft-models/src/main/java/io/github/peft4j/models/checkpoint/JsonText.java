package io.github.peft4j.models.checkpoint;

/** JSON strings, escaped as the writers we must equal byte for byte escape them. */
final class JsonText {

    private JsonText() {}

    /** As Rust's serde_json: everything above the control characters stands as it is. */
    static void rust(StringBuilder out, String text) {
        quote(out, text, false);
    }

    /** As Python's json.dumps: everything but printable ASCII is escaped. */
    static void python(StringBuilder out, String text) {
        quote(out, text, true);
    }

    private static void quote(StringBuilder out, String text, boolean asciiOnly) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || (asciiOnly && c > '~')) {
                        escape(out, c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    static void escape(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(c >> shift & 15, 16));
        }
    }
}
