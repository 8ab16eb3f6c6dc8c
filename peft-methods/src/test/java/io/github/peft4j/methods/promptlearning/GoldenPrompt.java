package io.github.peft4j.methods.promptlearning;

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
import io.github.peft4j.models.nn.Forward;
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
import java.util.stream.StreamSupport;

/** One folder of {@code golden/prompts}: an adapter as Hugging Face PEFT saved it, and what it computes with it. */
public record GoldenPrompt(String name) {

    /** Where all of them are. */
    public static final Path ROOT = GoldenTensors.resource(GoldenPrompt.class, "/golden/prompts");

    private static final Path SHARED = GoldenTensors.resource(GoldenPrompt.class, "/golden/lora");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DATA = read(SHARED.resolve("data.json"));

    static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<GoldenPrompt> all() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("golden.safetensors")))
                    .map(folder -> new GoldenPrompt(folder.getFileName().toString()))
                    .sorted(Comparator.comparing(GoldenPrompt::name))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those with an encoder, which Hugging Face PEFT's own files lack. */
    static Stream<GoldenPrompt> encoded() {
        return all().filter(GoldenPrompt::hasEncoder);
    }

    /** Those with an encoder and nothing else. */
    static Stream<GoldenPrompt> onlyEncoded() {
        return encoded().filter(given -> !given.name.contains("whole"));
    }

    boolean hasEncoder() {
        return Files.exists(folder().resolve(PromptTable.ENCODER_FILE));
    }

    @Override
    public String toString() {
        return name;
    }

    /** The folder. */
    public Path folder() {
        return ROOT.resolve(name);
    }

    GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve("golden.safetensors"));
    }

    String text(String file) {
        try {
            return Files.readString(folder().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model's checkpoint. */
    public static Path checkpoint(String architecture) {
        return SHARED.resolve("base").resolve(architecture);
    }

    /** The base model. */
    public CausalLm base() {
        try {
            return Models.load(checkpoint(name.substring(0, name.indexOf('-'))), Device.cpu(), Precision.FLOAT32);
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

    /** The rows that logits and losses are of. */
    public static List<LabelledRows> rows() {
        return items(DATA.get("rows")).map(row -> labelled(List.of(row))).toList();
    }

    /** What each training step sees. */
    static List<LabelledRows> batches() {
        return items(DATA.get("batches"))
                .map(batch -> labelled(items(batch).toList()))
                .toList();
    }

    private static Stream<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static LabelledRows labelled(List<JsonNode> rows) {
        return new LabelledRows(
                rows.stream().map(row -> ints(row.get("ids"))).toList(),
                rows.stream().map(row -> ints(row.get("labels"))).toList());
    }

    static int[] ints(JsonNode array) {
        return items(array).mapToInt(JsonNode::intValue).toArray();
    }

    /** The logits of all positions of a row. */
    public static float[] logits(CausalLm model, int[] ids) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(ids)))) {
            return scope.kernels().toFloats(logits);
        }
    }

    static double loss(CausalLm model, LabelledRows rows) {
        try (Forward context = Forward.inference(model.scope())) {
            return model.loss(context, rows, 1) / model.supervisedItems(rows);
        }
    }

    /** Ids that follow the shared prompt, each the likeliest, with keys and values kept from token to token. */
    static int[] greedy(CausalLm model, int count) {
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
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
