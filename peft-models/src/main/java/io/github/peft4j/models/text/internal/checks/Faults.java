package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Listed;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** What is wrong with a file, told all at once. */
public final class Faults {

    private static final int TOLD = 5;

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
            throw new CheckpointException(file + " is no tokenizer that this version can read: "
                    + Listed.problems(found, TOLD) + ". Write it again with transformers' save_pretrained");
        }
    }
}
