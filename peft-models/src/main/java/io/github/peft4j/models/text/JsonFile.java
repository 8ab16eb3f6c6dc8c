package io.github.peft4j.models.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The small JSON files of a checkpoint folder, each of which may be missing. */
final class JsonFile {

    /** Far above any real file but {@code tokenizer.json}; chat templates and thousands of added tokens fit. */
    private static final long LARGEST = 16L << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonFile() {}

    /**
     * Reads a file that holds one JSON object.
     *
     * @return the object, empty if there is no such file
     * @throws CheckpointException if the file is no JSON object
     */
    static ObjectNode read(Path file) throws CheckpointException {
        String text = text(file);
        if (text == null) {
            return JSON.createObjectNode();
        }
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new CheckpointException(file + " holds no JSON object");
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    file + " is no valid JSON: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr(),
                    e);
        }
    }

    /**
     * Reads a text file.
     *
     * @return its text, or null if there is no such file
     * @throws CheckpointException if it cannot be read, is too large, or is not UTF-8
     */
    static @Nullable String text(Path file) throws CheckpointException {
        try {
            if (Files.size(file) > LARGEST) {
                throw new CheckpointException(file + " is larger than " + LARGEST + " bytes");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (CheckpointException e) {
            throw e;
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A text under a key, or null if it is not there or null. */
    static @Nullable String text(ObjectNode object, String key, Path file) throws CheckpointException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new CheckpointException(file + ": " + key + " must be text, got " + value.getNodeType());
        }
        return value.textValue();
    }
}
