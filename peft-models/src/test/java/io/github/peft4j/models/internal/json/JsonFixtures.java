package io.github.peft4j.models.internal.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Fixtures of tools/golden_json.py. */
final class JsonFixtures {

    private JsonFixtures() {}

    static List<String> lines(String name) {
        try (InputStream in =
                Objects.requireNonNull(JsonFixtures.class.getResourceAsStream("/golden/json/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
