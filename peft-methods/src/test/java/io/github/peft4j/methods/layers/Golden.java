package io.github.peft4j.methods.layers;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.AdapterStore;
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
 * One of {@code tools/golden_layers.py}'s cases.
 *
 * @param method its folder, for example {@code ia3}
 * @param name begins with the base model's name
 */
public record Golden(String method, String name) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ROOT = GoldenTensors.resource(Golden.class, "/golden");
    private static final JsonNode DATA =
            json(ROOT.resolve("lora").resolve("data.json").toFile());

    private static JsonNode json(java.io.File file) {
        try {
            return JSON.readTree(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All cases of a method. */
    static Stream<Golden> all(String method) {
        try (Stream<Path> folders = Files.list(ROOT.resolve(method))) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> new Golden(method, folder.getFileName().toString()))
                    .sorted(Comparator.comparing(Golden::name))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** The adapter as Python saved it. */
    public Path folder() {
        return ROOT.resolve(method).resolve(name);
    }

    /** What it computes and how it is trained. */
    public GoldenTensors tensors() {
        return GoldenTensors.open(folder().resolve("golden.safetensors"));
    }

    /** What a case computes together with another. */
    public GoldenTensors together(String other) {
        return GoldenTensors.open(ROOT.resolve(method).resolve(name + "+" + other + ".safetensors"));
    }

    /** The text of its config file. */
    public String configText() {
        try {
            return Files.readString(folder().resolve(AdapterStore.CONFIG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model. */
    public CausalLm base(Precision precision) {
        String base = name.substring(0, name.indexOf('-'));
        try {
            return Models.load(ROOT.resolve("lora").resolve("base").resolve(base), Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model in float32. */
    public CausalLm base() {
        return base(Precision.FLOAT32);
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
