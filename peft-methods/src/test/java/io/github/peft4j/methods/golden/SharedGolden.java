package io.github.peft4j.methods.golden;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What the golden cases of all methods share: base models, rows, a prompt, and how a model is asked. {@code tools/golden_lora.py} wrote it. */
public final class SharedGolden {

    private static final double CLOSE = 1e-5;

    /** The file in a case's folder with what is computed with its adapter. */
    public static final String TENSORS = "golden.safetensors";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = GoldenTensors.resource(SharedGolden.class, "/golden/lora");
    private static final Data DATA = new Data(json(FOLDER.resolve("data.json")));

    private SharedGolden() {}

    /** A JSON file. */
    public static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the cases in a folder, in their order: of its folders those with {@link #TENSORS}. */
    public static List<String> cases(Path folder) {
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(each -> Files.exists(each.resolve(TENSORS)))
                    .map(each -> each.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The checkpoint of the base model of an architecture. */
    public static Path base(String architecture) {
        return FOLDER.resolve("base").resolve(architecture);
    }

    /** A value of a file's metadata. */
    public static JsonNode metadata(GoldenTensors golden, String key) {
        try {
            return JSON.readTree(golden.metadata(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a model is asked and taught.
     *
     * @param json as the scripts write it
     */
    public record Data(JsonNode json) {

        /** What a file says that its case was made with, or what all cases share. */
        public static Data of(GoldenTensors golden) {
            return golden.hasMetadata("data") ? new Data(metadata(golden, "data")) : DATA;
        }

        /** The rows that logits and losses are of. */
        public List<Batch> rows() {
            return items(json.get("rows")).map(row -> labelled(List.of(row))).toList();
        }

        /** What each training step sees. */
        public List<Batch> batches() {
            return items(json.get("batches"))
                    .map(batch -> labelled(items(batch).toList()))
                    .toList();
        }

        /** Ids that follow the prompt, each the likeliest, with keys and values kept from token to token. */
        public List<Integer> greedy(Model<LanguageHead> model, int count) {
            return SharedGolden.greedy(model, ints(json.get("prompt")), count);
        }
    }

    /** The rows that logits and losses are of. */
    public static List<Batch> rows() {
        return DATA.rows();
    }

    /** What each training step sees. */
    public static List<Batch> batches() {
        return DATA.batches();
    }

    private static Batch labelled(List<JsonNode> rows) {
        return Batch.of(
                rows.stream().map(row -> ints(row.get("ids"))).toList(),
                rows.stream().map(row -> ints(row.get("labels"))).toList());
    }

    private static Stream<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** Numbers. */
    public static List<Double> numbers(JsonNode array) {
        return items(array).map(JsonNode::doubleValue).toList();
    }

    /** Whole numbers. */
    public static int[] ints(JsonNode array) {
        return items(array).mapToInt(JsonNode::intValue).toArray();
    }

    /** Whole numbers. */
    public static List<Integer> integers(JsonNode array) {
        return items(array).map(JsonNode::intValue).toList();
    }

    /** The logits of all positions of a row. */
    public static float[] logits(Model<LanguageHead> model, int[] ids) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(ids)))) {
            return scope.kernels().toFloats(logits);
        }
    }

    /** Ids that follow the shared prompt, each the likeliest, with keys and values kept from token to token. */
    public static List<Integer> greedy(Model<LanguageHead> model, int count) {
        return DATA.greedy(model, count);
    }

    private static List<Integer> greedy(Model<LanguageHead> model, int[] prompt, int count) {
        int[] next = prompt;
        List<Integer> found = new ArrayList<>();
        try (Scope scope = model.scope().child();
                KeyValueCache cache = new KeyValueCache(scope, 1, model.config().layers())) {
            while (found.size() < count) {
                Rows rows = new Rows(new int[] {next.length}, new int[] {cache.length(0)});
                try (NDArray logits =
                                new Decoding(model, cache).next(scope, new ModelInput(next, rows, null, List.of()));
                        NDArray best = scope.kernels().argMax(logits)) {
                    next = new int[] {(int) best.toLongArray()[0]};
                    found.add(next[0]);
                }
            }
        }
        return found;
    }

    /** Makes sure that a model computes the logits, losses and greedy tokens of a fixture. */
    public static void assertOutputs(Model<LanguageHead> model, GoldenTensors golden) {
        List<Double> losses = numbers(metadata(golden, "losses"));
        Data data = Data.of(golden);
        List<Batch> rows = data.rows();
        for (int row = 0; row < rows.size(); row++) {
            float[] logits = logits(model, rows.get(row).tokenIds().get(0));
            assertClose("logits of row " + row, logits, golden.floats("logits." + row), CLOSE);
            assertClose("loss of row " + row, ToyTraining.loss(model, rows.get(row)), losses.get(row), CLOSE);
        }
        List<Integer> greedy = integers(metadata(golden, "greedy"));
        assertThat(data.greedy(model, greedy.size())).isEqualTo(greedy);
    }
}
