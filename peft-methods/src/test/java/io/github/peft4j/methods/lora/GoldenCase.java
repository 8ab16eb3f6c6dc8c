package io.github.peft4j.methods.lora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.LabelledRows;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Models;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.KeyValueCache;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.testkit.GoldenTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One folder of {@code golden/lora}: an adapter as Hugging Face PEFT saved it, and what it computes with it. */
record GoldenCase(String name) {

    static final ObjectMapper JSON = new ObjectMapper();
    static final Path ROOT = GoldenTensors.resource(GoldenCase.class, "/golden/lora");
    private static final JsonNode DATA = read(ROOT.resolve("data.json"));

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of them. */
    static Stream<GoldenCase> all() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("golden.safetensors")))
                    .map(folder -> new GoldenCase(folder.getFileName().toString()))
                    .sorted(java.util.Comparator.comparing(GoldenCase::name))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that were trained. */
    static Stream<GoldenCase> trained() {
        return all().filter(given -> {
            try (GoldenTensors golden = given.golden()) {
                return !metadata(golden, "trace").isNull();
            }
        });
    }

    @Override
    public String toString() {
        return name;
    }

    Path folder() {
        return ROOT.resolve(name);
    }

    GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve("golden.safetensors"));
    }

    String configText() {
        try {
            return Files.readString(folder().resolve("adapter_config.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CausalLm base() {
        return base(Precision.FLOAT32);
    }

    CausalLm base(Precision precision) {
        try {
            return Models.load(
                    ROOT.resolve("base").resolve(name.substring(0, name.indexOf('-'))), Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode metadata(GoldenTensors golden, String key) {
        try {
            return JSON.readTree(golden.metadata(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(item -> numbers.add(item.doubleValue()));
        return numbers;
    }

    /** The rows that logits and losses are of. */
    static List<LabelledRows> rows() {
        List<LabelledRows> rows = new ArrayList<>();
        DATA.get("rows").forEach(row -> rows.add(labelled(List.of(row))));
        return rows;
    }

    /** What each training step sees. */
    static List<LabelledRows> batches() {
        List<LabelledRows> batches = new ArrayList<>();
        DATA.get("batches").forEach(batch -> {
            List<JsonNode> rows = new ArrayList<>();
            batch.forEach(rows::add);
            batches.add(labelled(rows));
        });
        return batches;
    }

    private static LabelledRows labelled(List<JsonNode> rows) {
        return new LabelledRows(
                rows.stream().map(row -> ints(row.get("ids"))).toList(),
                rows.stream().map(row -> ints(row.get("labels"))).toList());
    }

    static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).intValue();
        }
        return values;
    }

    static float[] logits(CausalLm model, int[] ids) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(ids)))) {
            return scope.kernels().toFloats(logits);
        }
    }

    /** Ids that follow the shared prompt, each the likeliest, with keys and values kept from token to token. */
    static List<Integer> greedy(CausalLm model, int count) {
        int[] next = ints(DATA.get("prompt"));
        List<Integer> found = new ArrayList<>();
        try (Scope scope = model.scope().child();
                KeyValueCache cache = new KeyValueCache(scope, 1, model.config().layers())) {
            while (found.size() < count) {
                Rows rows = new Rows(new int[] {next.length}, new int[] {cache.length(0)});
                try (NDArray logits = model.nextLogits(scope, new ModelInput(next, rows, null, List.of()), cache);
                        NDArray best = scope.kernels().argMax(logits)) {
                    next = new int[] {(int) best.toLongArray()[0]};
                    found.add(next[0]);
                }
            }
        }
        return found;
    }
}
