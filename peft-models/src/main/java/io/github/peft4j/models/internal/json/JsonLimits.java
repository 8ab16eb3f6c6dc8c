package io.github.peft4j.models.internal.json;

/**
 * How much a reader takes, so that a small file cannot fill the memory.
 *
 * @param bytes the longest text of one value
 * @param depth lists and objects inside each other
 * @param parts keys, texts, lists and objects in one value; each takes some hundred bytes once read
 */
public record JsonLimits(int bytes, int depth, int parts) {

    /** About where Python's own reader gives up. */
    private static final int USUAL_DEPTH = 1000;

    private static final int USUAL_PARTS = 1_000_000;

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public JsonLimits {
        if (bytes < 1 || depth < 1 || parts < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive, got " + bytes + " bytes, depth " + depth + " and " + parts + " parts");
        }
    }

    /** The usual depth and number of parts, in a text of so many bytes. */
    public static JsonLimits ofBytes(int bytes) {
        return new JsonLimits(bytes, USUAL_DEPTH, USUAL_PARTS);
    }

    /** The same with another number of parts. */
    public JsonLimits withParts(int other) {
        return new JsonLimits(bytes, depth, other);
    }
}
