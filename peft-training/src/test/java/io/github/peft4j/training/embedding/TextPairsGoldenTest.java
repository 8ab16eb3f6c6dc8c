package io.github.peft4j.training.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.embedding.TextPairs;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.progress.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pairs of texts on a toy model with LoRA, against sentence-transformers and PEFT. */
@Tag("golden")
class TextPairsGoldenTest {

    private static final Path FOLDER = Path.of("src/test/resources/golden/contrastive");

    private final JsonNode golden = read();

    @TempDir
    private Path folder;

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(FOLDER.resolve("golden.json").toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Model<EmbeddingHead> model() throws IOException {
        return Models.load(FOLDER, LoadOptions.on(Device.cpu()), EmbeddingHead.class);
    }

    private List<Row> rows(JsonNode rows, Model<?> model) throws IOException {
        StringBuilder lines = new StringBuilder();
        rows.forEach(row -> lines.append(row).append('\n'));
        Path file = Files.writeString(folder.resolve("rows.jsonl"), lines);
        return Dataset.read(List.of(file), EncodingOptions.of(model).withLabels(EncodingOptions.RowLabels.ofPairs()))
                .rows();
    }

    private static PeftModel<?> adapted(Model<?> model, String adapter) throws IOException {
        PeftModel<?> peft = PeftModel.load(model, FOLDER.resolve(adapter));
        peft.setTrainable("default");
        return peft;
    }

    private TextPairs objective(String run) {
        return new TextPairs(golden.get(run).path("scale").asDouble(TextPairs.DEFAULT_SCALE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pairs", "negatives", "scale", "scores"})
    void lossAndGradientsAreThoseOfSentenceTransformers(String run) throws IOException {
        try (Model<?> model = model()) {
            PeftModel<?> peft = adapted(model, "start");
            int count = golden.get("batch").asInt();
            Batch batch = new Batch(rows(golden.get(run).get("rows"), model).subList(0, count));
            TextPairs objective = objective(run);
            assertThat(objective.items(model, batch)).isEqualTo(count);
            double loss;
            try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
                loss = objective.loss(context, model, batch, 1.0 / count) / count;
                context.backward();
            }
            double expected = golden.get(run).get("loss").asDouble();
            assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
            try (Forward context = Forward.inference(model.scope())) {
                assertThat(objective.loss(context, model, batch, 1) / count).isCloseTo(loss, within(1e-6));
            }
            assertThat(new Evaluation(batch.rows()).run(model, objective).loss())
                    .isCloseTo(loss, within(1e-5));
            JsonNode gradients = golden.get(run).get("gradients");
            Map<String, Weight> weights = peft.adapter().trainable();
            assertThat(weights).hasSize(gradients.size());
            weights.forEach((key, weight) -> assertClose(
                    key,
                    model.scope().kernels().toFloats(weight.gradient()),
                    gradients.get(key.substring("base_model.model.".length()))));
        }
    }

    private static void assertClose(String what, float[] values, JsonNode expected) {
        double[] wanted = Golden.doubles(expected);
        double largest = 0;
        for (double value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(values).as(what).hasSize(wanted.length);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) values[i]).as(what + " " + i).isCloseTo(wanted[i], within(1e-5 * largest));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pairs", "negatives", "scale", "scores"})
    void tenStepsOfLoraFollowThoseOfSentenceTransformersAndPeft(String run) throws IOException {
        try (Model<EmbeddingHead> model = model()) {
            PeftModel<?> peft = adapted(model, "start");
            List<TrainingListener.Step> steps = new ArrayList<>();
            JsonNode trace = golden.get(run).get("trace");
            TrainingConfig config = TrainingConfig.builder()
                    .steps(trace.size())
                    .batchSize(golden.get("batch").asInt())
                    .accumulation(golden.get("accumulation").asInt())
                    .learningRate(golden.get("learning_rate").asDouble())
                    .schedule(Schedule.LINEAR)
                    .shuffle(false)
                    .build();
            FineTuner.of(peft, config)
                    .objective(objective(run))
                    .listener(new TrainingListener() {
                        @Override
                        public void step(TrainingListener.Step step) {
                            steps.add(step);
                        }
                    })
                    .train(rows(golden.get(run).get("rows"), model));
            assertThat(steps).hasSize(trace.size());
            for (int i = 0; i < trace.size(); i++) {
                assertRelative("loss", i, steps.get(i).loss(), trace.get(i).get("loss"));
                assertRelative("norm", i, steps.get(i).gradNorm(), trace.get(i).get("grad_norm"));
            }
            assertVectors(model, run, 1e-4);
        }
    }

    /** Of the first texts that a run has learned, whose vectors are of the length 1. */
    private void assertVectors(Model<EmbeddingHead> model, String run, double tolerance) throws IOException {
        JsonNode expected = golden.get(run).get("vectors_after");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            JsonNode row = golden.get(run).get("rows").get(i);
            texts.add(row.path("anchor").asText(row.path("text").asText()));
        }
        float[][] vectors = TextEmbedder.of(model).embed(texts);
        for (int i = 0; i < vectors.length; i++) {
            assertThat(vectors[i]).hasSize(expected.get(i).size());
            for (int d = 0; d < vectors[i].length; d++) {
                assertThat((double) vectors[i][d])
                        .as("%s: number %d of text %d", run, d, i)
                        .isCloseTo(expected.get(i).get(d).asDouble(), within(tolerance));
            }
        }
    }

    @Test
    void anAdapterThatSentenceTransformersSavedGivesItsVectorsAndIsSavedAsItWas() throws IOException {
        Path saved = folder.resolve("saved");
        try (Model<EmbeddingHead> model = model()) {
            PeftModel<?> peft = adapted(model, "trained");
            assertVectors(model, "negatives", 1e-5);
            peft.save(saved);
        }
        Path trained = FOLDER.resolve("trained");
        assertThat(adapterConfig(saved)).isEqualTo(adapterConfig(trained));
        try (GoldenTensors ours = GoldenTensors.open(saved.resolve("adapter_model.safetensors"));
                GoldenTensors theirs = GoldenTensors.open(trained.resolve("adapter_model.safetensors"))) {
            assertThat(ours.shapes("")).isEqualTo(theirs.shapes(""));
            for (String name : theirs.names()) {
                assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
            }
        }
    }

    /** What sentence-transformers reads to find an adapter's weights and their places. */
    private static JsonNode adapterConfig(Path adapter) throws IOException {
        ObjectNode config = (ObjectNode) new ObjectMapper()
                .readTree(adapter.resolve("adapter_config.json").toFile());
        return config.remove(List.of("base_model_name_or_path", "inference_mode"));
    }

    private static void assertRelative(String what, int step, double value, JsonNode expected) {
        assertThat(value)
                .as("%s of step %d", what, step + 1)
                .isCloseTo(expected.asDouble(), within(1e-4 * expected.asDouble()));
    }

    @Test
    void searchesAreJudgedAsByTheEvaluatorOfSentenceTransformers() throws IOException {
        try (Model<?> model = model()) {
            adapted(model, "start");
            List<Row> rows = rows(golden.at("/search/rows"), model);
            Evaluation.Result result = new Evaluation(rows).run(model, new TextPairs());
            double loss = golden.at("/search/loss").asDouble();
            assertThat(result.loss()).isCloseTo(loss, within(1e-5 * loss));
            assertThat(result.items()).isEqualTo(rows.size());
            JsonNode metrics = golden.at("/search/metrics");
            assertThat(result.metrics()).hasSize(metrics.size());
            result.metrics()
                    .forEach((key, value) ->
                            assertThat(value).as(key).isCloseTo(metrics.get(key).asDouble(), within(1e-12)));
        }
    }
}
