package io.github.peft4j.models.text.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/** What is wrong with a file, told all at once. */
public final class Faults {

    private static final int TOLD = 5;
    private static final int LONGEST_QUOTE = 60;

    private final Set<String> found = new LinkedHashSet<>();

    /**
     * Adds a fault.
     *
     * @param where the place in the file, as {@code normalizer.normalizers[0]}
     * @param what what is wrong there, expected and found
     */
    public void add(String where, String what) {
        found.add(where + ": " + what);
    }

    /** Whether nothing is wrong so far. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /**
     * Refuses the file if anything is wrong with it.
     *
     * @throws CheckpointException names the file and its faults
     */
    public void throwIfAny(Path file) throws CheckpointException {
        if (!found.isEmpty()) {
            String told = String.join("; ", found.stream().limit(TOLD).toList());
            String more = found.size() > TOLD ? "; and " + (found.size() - TOLD) + " more" : "";
            throw new CheckpointException(file + " is no tokenizer that this version can read: " + told + more
                    + ". Write it again with transformers' save_pretrained");
        }
    }

    /** Text of a file for a message: bounded in length and without control characters. */
    public static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        int end = Math.min(text.length(), LONGEST_QUOTE);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean plain =
                    c >= ' ' && c != 0x7f && Character.isDefined(c) && !Character.isSurrogate(c) && !invisible(c);
            out.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
        return out.append(text.length() > end ? "\"..." : "\"").toString();
    }

    private static boolean invisible(char c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
