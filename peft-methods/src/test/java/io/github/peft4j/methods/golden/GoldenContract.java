package io.github.peft4j.methods.golden;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that Python saved compute, train and save here as there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GoldenContract {

    private static final double TRACE = 1e-4;
    /** Ten steps of AdamW from a float's rounding: what is left of a weight's own size. */
    private static final double TRAINED = 1e-3;

    /** What Hugging Face keeps as a set stands in its files in no particular order. */
    private static final Pattern SET = Pattern.compile("(?<=\"(?:target|exclude)_modules\": \\[\n)[^]]*(?=\n  \\])");

    private final String method;

    /**
     * Tests of a method.
     *
     * @param method folder of its cases below {@code golden}
     */
    protected GoldenContract(String method) {
        this.method = method;
    }

    /** All cases. */
    protected List<GoldenAdapter> cases() {
        return GoldenAdapter.all(method);
    }

    /** Those that were trained. */
    List<GoldenAdapter> trained() {
        return cases().stream()
                .filter(given -> {
                    try (GoldenTensors golden = given.golden()) {
                        return !SharedGolden.metadata(golden, "trace").isNull();
                    }
                })
                .toList();
    }

    /** The model that a case's adapter is put on. */
    protected Model<?> base(GoldenAdapter given) {
        return given.base(Precision.FLOAT32);
    }

    /** Makes sure that a model computes what Python computed. */
    protected void assertOutputs(Model<?> model, GoldenTensors golden) {
        SharedGolden.assertOutputs(model.with(LanguageHead.class), golden);
    }

    /** What each training step sees. */
    protected List<Batch> batches(GoldenTensors golden) {
        return SharedGolden.Data.of(golden).batches();
    }

    /** What Python calls a trained weight. */
    protected String trainedKey(String key) {
        return key;
    }

    /** Makes sure that weights are written as Python wrote them. */
    protected void assertSaved(Path written, Path expected) {
        assertThat(written).hasSameBinaryContentAs(expected);
    }

    /** The text of the config that is to be written where Python wrote this. */
    protected String saved(String config) {
        return config;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aLoadedAdapterComputesWhatItComputesInPython(GoldenAdapter given) throws IOException {
        try (Model<?> model = base(given);
                GoldenTensors golden = given.golden()) {
            PeftModel.load(model, given.folder());
            assertOutputs(model, golden);
        }
    }

    @ParameterizedTest
    @MethodSource("trained")
    void tenStepsOfTrainingGoAsInPython(GoldenAdapter given) throws IOException {
        try (Model<?> model = base(given);
                GoldenTensors golden = given.golden()) {
            PeftModel<?> peft = PeftModel.load(model, given.folder());
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            JsonNode counts = SharedGolden.metadata(golden, "parameters");
            assertThat(peft.parameterReport())
                    .isEqualTo(new ModelStatus.Parameters(
                            counts.get(0).longValue(), counts.get(1).longValue()));
            train(model, peft.adapter(), golden);
            peft.adapter()
                    .trainable()
                    .forEach((key, weight) -> assertClose(
                            key,
                            model.scope().kernels().toFloats(weight.array()),
                            golden.floats("trained." + trainedKey(key)),
                            TRAINED));
        }
    }

    private void train(Model<?> model, Adapter adapter, GoldenTensors golden) {
        JsonNode settings = SharedGolden.metadata(golden, "training");
        JsonNode trace = SharedGolden.metadata(golden, "trace");
        List<Double> losses = SharedGolden.numbers(trace.get("loss"));
        List<Double> norms = SharedGolden.numbers(trace.get("norm"));
        ToyTraining.Settings toy = new ToyTraining.Settings(
                settings.get("clip").doubleValue(),
                settings.get("epsilon").doubleValue(),
                settings.get("weight_decay").doubleValue());
        List<Batch> batches = batches(golden);
        double rate = settings.get("rate").doubleValue();
        try (ToyTraining training = new ToyTraining(model, adapter.trainable().values(), toy)) {
            for (int step = 0; step < batches.size(); step++) {
                double decayed = rate * (batches.size() - step) / batches.size();
                ToyTraining.Step done = training.step(batches.get(step), decayed);
                assertClose("loss of step " + step, done.loss(), losses.get(step), TRACE);
                assertClose("norm of step " + step, done.norm(), norms.get(step), TRACE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aLoadedAdapterIsSavedAsItWas(GoldenAdapter given, @TempDir Path folder) throws IOException {
        try (Model<?> model = base(given)) {
            PeftModel.load(model, given.folder()).save(folder);
            assertSaved(folder.resolve(AdapterStore.WEIGHTS), given.folder().resolve(AdapterStore.WEIGHTS));
            assertThat(Files.readString(folder.resolve(AdapterStore.CONFIG)))
                    .isEqualTo(sorted(saved(Files.readString(given.folder().resolve(AdapterStore.CONFIG)))));
        }
    }

    private static String sorted(String text) {
        return SET.matcher(text)
                .replaceAll(set -> Matcher.quoteReplacement(
                        Arrays.stream(set.group().split(",\n")).sorted().collect(Collectors.joining(",\n"))));
    }
}
