package io.github.peft4j.methods.classification;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.methods.golden.GoldenAdapter;
import io.github.peft4j.methods.golden.GoldenPromptsContract;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Every method that Hugging Face PEFT has for SEQ_CLS, on classifiers: {@code tools/golden_classification.py} wrote the cases. */
class ClassificationGoldenTest extends GoldenPromptsContract {

    private static final double CLOSE = 1e-5;

    private static final Path FOLDER = GoldenTensors.resource(ClassificationGoldenTest.class, "/golden/classification");

    private static final JsonNode DATA = SharedGolden.json(FOLDER.resolve("data.json"));

    ClassificationGoldenTest() {
        super("classification");
    }

    @Override
    protected Model<?> base(GoldenAdapter given) {
        String base = given.name().substring(0, given.name().indexOf('-'));
        try {
            return Models.load(
                    FOLDER.resolve("base").resolve(base),
                    LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32),
                    SequenceHead.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void assertOutputs(Model<?> model, GoldenTensors golden) {
        List<Double> losses = SharedGolden.numbers(SharedGolden.metadata(golden, "losses"));
        String problem = SharedGolden.metadata(golden, "problem").asText();
        List<Row> rows = rows(DATA.get("rows"), problem);
        for (int row = 0; row < rows.size(); row++) {
            try (Scope scope = model.scope().child();
                    NDArray logits = model.logits(
                            scope, ModelInput.of(List.of(rows.get(row).tokenIds())))) {
                assertClose(
                        "logits of row " + row,
                        scope.kernels().toFloats(logits),
                        golden.floats("logits." + row),
                        CLOSE);
            }
            // A small loss is the difference of two numbers of the logits' size, and as exact as those.
            double size = Math.max(losses.get(row), largest(golden.floats("logits." + row)));
            assertThat(ToyTraining.loss(model, new Batch(List.of(rows.get(row)))))
                    .as("loss of row " + row)
                    .isCloseTo(losses.get(row), within(CLOSE * size));
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    @Override
    protected List<Batch> batches(GoldenTensors golden) {
        String problem = SharedGolden.metadata(golden, "problem").asText();
        List<Batch> batches = new ArrayList<>();
        DATA.get(SharedGolden.metadata(golden, "batches").asText())
                .forEach(batch -> batches.add(new Batch(rows(batch, problem))));
        return batches;
    }

    /** Python names the heads anew each time it loads prompts; here each stands once. */
    @Override
    protected String saved(String config) {
        return config.replaceAll("(\"classifier\",\\s+\"score\"),\\s+\"classifier\",\\s+\"score\"", "$1");
    }

    private static List<Row> rows(JsonNode rows, String problem) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new Row(SharedGolden.ints(row.get("ids")), target(row.get(problem), problem)))
                .toList();
    }

    private static Row.Target target(JsonNode value, String problem) {
        if (SequenceClassification.ProblemType.of(problem)
                == SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION) {
            return new Row.Target.Label(value.intValue());
        }
        List<Double> numbers = SharedGolden.numbers(value);
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers.get(i).floatValue();
        }
        return new Row.Target.Scores(values);
    }
}
