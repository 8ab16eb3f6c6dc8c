package io.github.peft4j.models.generate;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The tiny random checkpoints of tools/golden_generate.py and what transformers generates from them. */
public final class Toy {

    public static final List<String> FAMILIES = List.of("llama", "mistral", "qwen2", "bloom", "gpt2");

    private static final ObjectMapper JSON = new ObjectMapper();

    private Toy() {}

    public static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(Toy.class.getResource("/generate/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Model<LanguageHead> load(String family, Precision precision) {
        try {
            return Models.load(file(family), Device.cpu(), precision);
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(String name) {
        try {
            return JSON.readTree(file(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).intValue();
        }
        return values;
    }

    public static List<int[]> rows(JsonNode array) {
        List<int[]> rows = new ArrayList<>();
        array.forEach(row -> rows.add(ints(row)));
        return rows;
    }
}
