package io.github.peft4j.models.classification;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Classifiers of all decoders against transformers' numbers. */
class SequenceClassificationGoldenTest {

    private static final double CLOSE = 1e-5;

    @TempDir
    private Path folder;

    private static float[] logits(Model<?> model, List<int[]> rows) {
        try (Scope scope = model.scope().child()) {
            return scope.kernels().toFloats(model.logits(scope, ModelInput.of(rows)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "mistral",
                "qwen2",
                "bloom",
                "gpt2",
                "llama-score",
                "llama-scores",
                "mistral-score",
                "qwen2-score",
                "bloom-score",
                "gpt2-score",
                "qwen3",
                "phi3",
                "smollm3",
                "olmo2",
                "gpt_neox",
                "opt",
                "opt-behind",
                "gemma",
                "gemma2",
                "gemma3_text"
            })
    void logitsAreThoseOfTheLastTokenThatIsNoPadding(String name) throws IOException {
        try (Golden golden = Golden.classifier(name);
                Model<SequenceHead> model =
                        Models.load(golden.folder(), LoadOptions.on(Device.cpu()), SequenceHead.class)) {
            assertThat(model.head().newLayers()).isEmpty();
            assertClose("logits", logits(model, golden.rows()), golden.floats("logits"), CLOSE);
            assertClose("odd rows", logits(model, golden.rows("odd.")), golden.floats("odd.logits"), CLOSE);
            List<float[]> alone = new ArrayList<>();
            golden.rows().forEach(row -> alone.add(logits(model, List.of(row))));
            int outputs = model.head().labels().count();
            float[] all = new float[alone.size() * outputs];
            for (int row = 0; row < alone.size(); row++) {
                System.arraycopy(alone.get(row), 0, all, row * outputs, outputs);
            }
            assertClose("rows alone", all, golden.floats("logits"), CLOSE);
        }
        try (Golden golden = Golden.classifier(name)) {
            Path copy = golden.copy(folder.resolve(name), config -> config.remove("pad_token_id"));
            try (Model<SequenceHead> model = Models.load(copy, LoadOptions.on(Device.cpu()), SequenceHead.class)) {
                assertClose("no padding", logits(model, golden.rows("odd.")), golden.floats("odd.unpadded"), CLOSE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama, single_label_classification",
        "llama, multi_label_classification",
        "llama, regression",
        "mistral, single_label_classification",
        "mistral, multi_label_classification",
        "qwen2, single_label_classification",
        "qwen2, multi_label_classification",
        "bloom, single_label_classification",
        "bloom, multi_label_classification",
        "gpt2, single_label_classification",
        "gpt2, multi_label_classification",
        "llama-score, regression",
        "llama-scores, regression",
        "mistral-score, regression",
        "qwen2-score, regression",
        "bloom-score, regression",
        "gpt2-score, regression",
        "qwen3, single_label_classification",
        "qwen3, multi_label_classification",
        "qwen3, regression",
        "phi3, single_label_classification",
        "phi3, multi_label_classification",
        "phi3, regression",
        "smollm3, single_label_classification",
        "smollm3, multi_label_classification",
        "smollm3, regression",
        "olmo2, single_label_classification",
        "olmo2, multi_label_classification",
        "olmo2, regression",
        "gpt_neox, single_label_classification",
        "gpt_neox, multi_label_classification",
        "gpt_neox, regression",
        "opt, single_label_classification",
        "opt, multi_label_classification",
        "opt, regression",
        "opt-behind, single_label_classification",
        "opt-behind, multi_label_classification",
        "opt-behind, regression",
        "gemma, single_label_classification",
        "gemma, multi_label_classification",
        "gemma, regression",
        "gemma2, single_label_classification",
        "gemma2, multi_label_classification",
        "gemma2, regression",
        "gemma3_text, single_label_classification",
        "gemma3_text, multi_label_classification",
        "gemma3_text, regression"
    })
    void lossAndGradientsAreTransformers(String name, String problem) throws IOException {
        try (Golden golden = Golden.classifier(name)) {
            Path copy = golden.copy(folder.resolve("model"), config -> config.put("problem_type", problem));
            try (Model<SequenceHead> model = Models.load(copy, LoadOptions.on(Device.cpu()), SequenceHead.class)) {
                Batch batch = new Batch(rows(golden, problem));
                List<String> names = golden.namesAfter(problem + ".gradient.");
                assertThat(names).isNotEmpty();
                names.forEach(weight -> weight(model, weight).setTrainable(true));
                int items = model.head().objective().items(model, batch);
                assertThat(items).isEqualTo(batch.rows().size());
                double loss;
                try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
                    loss = model.head().objective().loss(context, model, batch, 1.0 / items) / items;
                    context.backward();
                }
                double expected = golden.floats(problem + ".loss")[0];
                assertThat(loss).isCloseTo(expected, within(CLOSE * Math.abs(expected)));
                for (String weight : names) {
                    assertClose(
                            weight,
                            model.scope()
                                    .kernels()
                                    .toFloats(weight(model, weight).gradient()),
                            golden.floats(problem + ".gradient." + weight),
                            2 * CLOSE);
                }
                List<float[]> told = new ArrayList<>();
                try (Forward context = Forward.inference(model.scope())) {
                    double again = model.head()
                            .objective()
                            .evaluate(context, model, batch, (row, outputs) -> told.add(outputs));
                    assertThat(again / items).isCloseTo(loss, within(1e-6));
                }
                assertThat(told).hasSize(items);
                assertThat(told.get(1)).hasSize(model.head().labels().count());
            }
        }
    }

    private static Weight weight(Model<?> model, String path) {
        return model.weightsByPath().get(path);
    }

    private static List<Row> rows(Golden golden, String problem) {
        List<int[]> ids = golden.rows();
        List<Row> rows = new ArrayList<>();
        if (problem.startsWith("single")) {
            int[] labels = golden.ints(problem + ".targets");
            for (int row = 0; row < labels.length; row++) {
                rows.add(new Row(ids.get(row), new Row.Target.Label(labels[row])));
            }
            return rows;
        }
        float[] all = golden.floats(problem + ".targets");
        int outputs = all.length / ids.size();
        for (int row = 0; row < ids.size(); row++) {
            rows.add(new Row(
                    ids.get(row), new Row.Target.Scores(Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs))));
        }
        return rows;
    }
}
