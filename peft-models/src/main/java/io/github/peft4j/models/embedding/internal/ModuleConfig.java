package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Config files of modules, of which every key must be known: one that is not may change what is computed. */
final class ModuleConfig {

    private static final String VECTOR = "sentence_embedding";

    private ModuleConfig() {}

    /** What a config is read with; {@link IllegalArgumentException}s become refusals of the file. */
    interface Reader<T> {
        T read(ConfigJson json) throws CheckpointException;
    }

    /**
     * Reads a config; one that is not there says nothing.
     *
     * @throws CheckpointException if it has a key that is not known, or the reader refuses a value
     */
    static <T> T read(Path folder, String name, Set<String> keys, Reader<T> reader) throws CheckpointException {
        @Nullable ConfigJson found = ConfigJson.readIfPresent(folder, name);
        ConfigJson json = found == null ? ConfigJson.empty() : found;
        for (String key : json.keys()) {
            if (!keys.contains(key)) {
                throw new CheckpointException(json.source() + ": " + Printable.quoted(key) + " is not implemented");
            }
        }
        try {
            return reader.read(json);
        } catch (IllegalArgumentException e) {
            throw json.refused(e);
        }
    }

    /** Checks that a module reads and writes the vector of a text, and not those of its tokens. */
    static void requireVector(ConfigJson json) {
        requireText(json, "module_input_name", VECTOR);
        requireText(json, "module_output_name", VECTOR);
    }

    /** Checks that a setting that has one implemented value has it, or is not there. */
    static void requireText(ConfigJson json, String key, String expected) {
        if (!json.textOr(expected, key).equals(expected)) {
            throw new IllegalArgumentException(
                    key + " must be " + Printable.quoted(expected) + ", got " + Printable.quoted(json.textOr("", key)));
        }
    }
}
