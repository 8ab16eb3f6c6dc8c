package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small files that come from outside, read whole: regular ones, of bounded size. */
public final class InputFile {

    private InputFile() {}

    /**
     * Checks that a file can be read and comes to an end, as a pipe or a device may not.
     *
     * @throws CheckpointException if there is no such file, or it is not a regular one
     */
    public static void requireRegular(Path file) throws CheckpointException {
        if (!Files.exists(file)) {
            throw new CheckpointException("no such file: " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file + " is not a regular file");
        }
    }

    /**
     * Reads a file.
     *
     * @param limit bytes that it may have
     * @throws CheckpointException if it is not there, not a regular file, too large, or cannot be read
     */
    public static byte[] bytes(Path file, int limit) throws CheckpointException {
        requireRegular(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = Files.size(file) > limit ? null : in.readNBytes(limit + 1);
            if (bytes == null || bytes.length > limit) {
                throw new CheckpointException(file + " has " + Files.size(file) + " bytes, expected at most " + limit);
            }
            return bytes;
        } catch (CheckpointException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new CheckpointException("no such file: " + file, e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + FileProblem.of(e), e);
        }
    }

    /**
     * Reads a text.
     *
     * @param limit bytes that it may have
     * @throws CheckpointException as {@link #bytes}, or if it is not in UTF-8
     */
    public static String text(Path file, int limit) throws CheckpointException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(file, limit)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file + " is not valid UTF-8", e);
        }
    }

    /** {@link #text}, or null if there is no such file. */
    public static @Nullable String textIfPresent(Path file, int limit) throws CheckpointException {
        return Files.exists(file) ? text(file, limit) : null;
    }

    /**
     * Reads a JSON object.
     *
     * @param limits what the file may hold
     * @throws CheckpointException as {@link #bytes}, or if it is no JSON object
     */
    public static Map<String, @Nullable Object> json(Path file, JsonLimits limits) throws CheckpointException {
        return json(bytes(file, limits.bytes()), file.toString(), limits);
    }

    /** {@link #json}, or null if there is no such file. */
    public static @Nullable Map<String, @Nullable Object> jsonIfPresent(Path file, JsonLimits limits)
            throws CheckpointException {
        return Files.exists(file) ? json(file, limits) : null;
    }

    /**
     * Reads a JSON object in UTF-8.
     *
     * @param source where it comes from, for messages
     * @throws CheckpointException if it is no JSON object
     */
    public static Map<String, @Nullable Object> json(byte[] utf8, String source, JsonLimits limits)
            throws CheckpointException {
        Object value;
        try {
            value = JsonTree.parse(utf8, limits);
        } catch (JsonException e) {
            throw new CheckpointException(source + " is no valid JSON: " + e.getMessage(), e);
        }
        if (value instanceof Map<?, ?> object) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            object.forEach((key, item) -> values.put(String.valueOf(key), item));
            return values;
        }
        throw new CheckpointException(source + " holds no JSON object, but " + JsonKind.described(value));
    }
}
