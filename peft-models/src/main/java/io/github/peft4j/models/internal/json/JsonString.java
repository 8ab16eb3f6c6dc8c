package io.github.peft4j.models.internal.json;

import java.io.IOException;

/** Texts of JSON. */
final class JsonString {

    private JsonString() {}

    /**
     * Takes the rest of a text after its first quotation mark.
     *
     * @param longest bytes that it may have
     */
    static String read(JsonInput input, int longest) throws IOException {
        String plain = input.plainText(longest);
        if (plain != null) {
            return plain;
        }
        StringBuilder text = new StringBuilder();
        long start = input.offset();
        while (true) {
            int next = input.peek();
            if (input.offset() - start > longest) {
                throw input.bad("a text is longer than " + longest + " bytes");
            }
            if (next == '"') {
                input.take();
                return text.toString();
            } else if (next == '\\') {
                input.take();
                text.append(escaped(input));
            } else if (next >= 0x80) {
                text.appendCodePoint(input.codePoint());
            } else if (next >= ' ') {
                input.take();
                text.append((char) next);
            } else if (next < 0) {
                throw input.bad("the end comes within a text: its closing quotation mark is missing");
            } else {
                throw input.bad("a text holds " + JsonInput.shown(next) + " as it is; JSON writes it "
                        + JsonWriter.PYTHON.write(String.valueOf((char) next)).replace("\"", ""));
            }
        }
    }

    private static char escaped(JsonInput input) throws IOException {
        int next = input.peek();
        switch (next) {
            case '"', '\\', '/' -> {
                input.take();
                return (char) next;
            }
            case 'b', 'f', 'n', 'r', 't' -> {
                input.take();
                return "\b\f\n\r\t".charAt("bfnrt".indexOf(next));
            }
            case 'u' -> {
                input.take();
                return hexadecimal(input);
            }
            default -> throw input.unexpected("one of \" \\ / b f n r t u after \\");
        }
    }

    private static char hexadecimal(JsonInput input) throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int next = input.peek();
            int digit = next < 0x80 ? Character.digit(next, 16) : -1;
            if (digit < 0) {
                throw input.unexpected("four hexadecimal digits after \\u");
            }
            input.take();
            value = (value << 4) | digit;
        }
        return (char) value;
    }
}
