package io.github.peft4j.cli.internal.embedding;

/** Vectors as text, with as many digits as tell their numbers from all others. */
final class VectorText {

    private VectorText() {}

    /** {@code {"embedding":[...]}}. */
    static String json(float[] vector) {
        StringBuilder line = new StringBuilder(vector.length * 13 + 16).append("{\"embedding\":[");
        append(line, vector, ",");
        return line.append("]}").toString();
    }

    /** Numbers with blanks between them. */
    static String plain(float[] vector) {
        StringBuilder line = new StringBuilder(vector.length * 13);
        append(line, vector, " ");
        return line.toString();
    }

    private static void append(StringBuilder line, float[] vector, String between) {
        for (int i = 0; i < vector.length; i++) {
            if (i > 0) {
                line.append(between);
            }
            // JSON has no number for what is none.
            line.append(Float.isFinite(vector[i]) ? Float.toString(vector[i]) : "null");
        }
    }
}
