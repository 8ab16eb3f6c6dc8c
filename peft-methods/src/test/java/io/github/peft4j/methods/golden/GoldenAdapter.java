package io.github.peft4j.methods.golden;

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
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * An adapter as Python saved it, and what Python computes with it.
 *
 * @param method folder of the method's cases below {@code golden}
 * @param name architecture and case, with a dash between
 */
public record GoldenAdapter(String method, String name) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path COMMON = root("lora");
    private static final JsonNode DATA = read(COMMON.resolve("data.json"));

    private static Path root(String method) {
        return GoldenTensors.resource(GoldenAdapter.class, "/golden/" + method);
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All cases of a method. */
    public static List<GoldenAdapter> all(String method) {
        try (Stream<Path> folders = Files.list(root(method))) {
            return folders.filter(folder -> Files.exists(folder.resolve("golden.safetensors")))
                    .map(folder ->
                            new GoldenAdapter(method, folder.getFileName().toString()))
                    .sorted(Comparator.comparing(GoldenAdapter::name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** The adapter. */
    public Path folder() {
        return root(method).resolve(name);
    }

    /** What is computed with it; close it. */
    public GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve("golden.safetensors"));
    }

    /** Its base model: the method's own of that name, or the one that all methods share. */
    public CausalLm base(Precision precision) {
        String architecture = name.substring(0, name.indexOf('-'));
        Path own = root(method).resolve("base").resolve(architecture);
        try {
            return Models.load(
                    Files.exists(own) ? own : COMMON.resolve("base").resolve(architecture), Device.cpu(), precision);
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

    static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(item -> values.add(item.intValue()));
        return values;
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

    private static int[] ints(JsonNode array) {
        return integers(array).stream().mapToInt(Integer::intValue).toArray();
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
