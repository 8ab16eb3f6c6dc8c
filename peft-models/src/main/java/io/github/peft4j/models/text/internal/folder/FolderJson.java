package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small JSON file of a checkpoint folder, which may be missing.
 *
 * @param file where it is
 * @param values what it holds; nothing if it is missing
 */
public record FolderJson(Path file, Map<String, @Nullable Object> values) {

    /** Far above any real file but {@code tokenizer.json}; chat templates and thousands of added tokens fit. */
    public static final JsonLimits LIMITS = JsonLimits.ofBytes(16 << 20);

    /**
     * Reads a file of a folder.
     *
     * @throws CheckpointException if it is no JSON object, or a link out of the folder
     */
    public static FolderJson read(Path folder, String name) throws CheckpointException {
        Path file = UntrustedFolder.file(folder, name);
        Map<String, @Nullable Object> values = InputFile.jsonIfPresent(file, LIMITS);
        return new FolderJson(file, values == null ? Map.of() : values);
    }

    /** The value of a key, or null. */
    public @Nullable Object get(String key) {
        return values.get(key);
    }

    /** Whether a key is there, be it null. */
    boolean has(String key) {
        return values.containsKey(key);
    }

    /** A text under a key, or null if it is not there or null. */
    public @Nullable String text(String key) throws CheckpointException {
        Object value = values.get(key);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new CheckpointException(file + ": " + key + " must be text, got " + JsonKind.described(value));
    }
}
