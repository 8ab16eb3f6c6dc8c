package io.github.peft4j.methods.golden;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.embedding.EmbeddingHead;
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

/** Adapters on models whose heads do not predict the next token: rows, and what is to be learned of each, are in the folder's own {@code data.json}. */
public abstract class GoldenHeadsContract extends GoldenPromptsContract {

    private static final double CLOSE = 1e-5;

    private final Path folder;
    private final JsonNode data;

    /**
     * Tests of such cases.
     *
     * @param folder of the cases below {@code golden}
     */
    protected GoldenHeadsContract(String folder) {
        super(folder);
        this.folder = GoldenTensors.resource(GoldenHeadsContract.class, "/golden/" + folder);
        data = SharedGolden.json(this.folder.resolve("data.json"));
    }

    /** The folder of the base model below {@code base}: how a case's name begins. */
    protected abstract String baseName(GoldenAdapter given);

    /** The head that the base model is loaded with. */
    protected abstract Class<? extends Head> head(GoldenAdapter given);

    @Override
    protected Model<?> base(GoldenAdapter given) {
        try {
            return Models.load(
                    folder.resolve("base").resolve(baseName(given)),
                    LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32),
                    head(given));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void assertOutputs(Model<?> model, GoldenTensors golden) {
        List<Row> rows = rows(data.get("rows"), golden);
        boolean learns = !SharedGolden.metadata(golden, "losses").isNull();
        for (int row = 0; row < rows.size(); row++) {
            float[] expected = golden.floats("logits." + row);
            ModelInput input = ModelInput.ofRows(List.of(rows.get(row)));
            try (Scope scope = model.scope().child();
                    NDArray logits = model.head() instanceof EmbeddingHead
                            ? model.hiddenStates(scope, input)
                            : model.logits(scope, input)) {
                assertClose("logits of row " + row, scope.kernels().toFloats(logits), expected, CLOSE);
            }
            if (learns) {
                double loss = SharedGolden.numbers(SharedGolden.metadata(golden, "losses"))
                        .get(row);
                // A small loss is the difference of two numbers of the logits' size, and as exact as those.
                double size = Math.max(loss, largest(expected));
                assertThat(ToyTraining.loss(model, new Batch(List.of(rows.get(row)))))
                        .as("loss of row " + row)
                        .isCloseTo(loss, within(CLOSE * size));
            }
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
        List<Batch> batches = new ArrayList<>();
        data.get(SharedGolden.metadata(golden, "batches").asText())
                .forEach(batch -> batches.add(new Batch(rows(batch, golden))));
        return batches;
    }

    /** Python names the heads anew each time it loads prompts; here each stands once. */
    @Override
    protected String saved(String config) {
        return config.replaceAll("(\"classifier\",\\s+\"score\"),\\s+\"classifier\",\\s+\"score\"", "$1");
    }

    private static List<Row> rows(JsonNode rows, GoldenTensors golden) {
        JsonNode problem = SharedGolden.metadata(golden, "problem");
        boolean typed = golden.hasMetadata("typed")
                && SharedGolden.metadata(golden, "typed").booleanValue();
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new Row(
                        SharedGolden.ints(row.get("ids")),
                        typed ? SharedGolden.ints(row.get("types")) : new int[0],
                        problem.isNull() ? Row.Target.NONE : target(row.get(problem.asText()), problem.asText())))
                .toList();
    }

    private static Row.Target target(JsonNode value, String problem) {
        if (problem.equals("tokens") || problem.equals("masked")) {
            return new Row.Target.TokenLabels(SharedGolden.ints(value));
        }
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
