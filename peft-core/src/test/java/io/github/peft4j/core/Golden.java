package io.github.peft4j.core;

import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Fixtures that the scripts in {@code tools/} made with the real libraries. */
public final class Golden {

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(1 << 24);

    private Golden() {}

    static byte[] bytes(String name) {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    public static Map<String, Object> json(String name) {
        try {
            return InputFile.json(bytes(name), name, LIMITS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JSON object in a file. */
    public static Map<String, Object> read(Path file) throws IOException {
        return InputFile.json(file, LIMITS);
    }

    @SuppressWarnings("unchecked")
    public static <T> List<T> list(Map<String, Object> json, String key) {
        return (List<T>) json.get(key);
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(Map<String, Object> json, String key) {
        return (Map<String, Object>) json.get(key);
    }
}
