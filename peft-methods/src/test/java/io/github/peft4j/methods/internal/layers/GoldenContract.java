package io.github.peft4j.methods.internal.layers;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.methods.golden.SharedGolden;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every method of {@code tools/golden_layers.py} must agree with Hugging Face PEFT in. */
@Tag("golden")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GoldenContract {

    private static final double TRACE = 1e-4;
    /** Ten steps of AdamW from a float's rounding: what is left of a weight's own size. */
    private static final double TRAINED = 1e-3;
    /** What bfloat16's eight bits leave of a few layers' outputs. */
    private static final double ROUNDED = 0.1;

    private static final Pattern SET =
            Pattern.compile("(?<=\"(?:target|exclude|feedforward)_modules\": \\[\n)[^]]*(?=\n  \\])");

    /** The folder of the method's fixtures. */
    protected abstract String method();

    private Stream<Golden> cases() {
        return Golden.all(method());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aLoadedAdapterComputesWhatItComputesInPython(Golden given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.tensors()) {
            PeftModel.load(model, given.folder());
            SharedGolden.assertOutputs(model, golden);
        }
    }

    /** Compares logits, losses and greedily chosen tokens. */
    @ParameterizedTest
    @MethodSource("cases")
    void onABfloat16BaseItComputesNearlyTheSame(Golden given) throws IOException {
        try (Model<LanguageHead> model = given.base(Precision.BFLOAT16);
                GoldenTensors golden = given.tensors()) {
            PeftModel.load(model, given.folder());
            int[] ids = SharedGolden.rows().get(0).tokenIds().get(0);
            assertClose("logits", SharedGolden.logits(model, ids), golden.floats("logits.0"), ROUNDED);
        }
    }

    /** Those that were trained: with dropout no two runs are alike. */
    private Stream<Golden> trained() {
        return cases().filter(given -> {
            try (GoldenTensors golden = given.tensors()) {
                return !SharedGolden.metadata(golden, "trace").isNull();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("trained")
    void tenStepsOfTrainingGoAsInPython(Golden given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.tensors()) {
            PeftModel<?> peft = PeftModel.load(model, given.folder());
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            JsonNode counts = SharedGolden.metadata(golden, "parameters");
            assertThat(peft.parameterReport())
                    .isEqualTo(new ModelStatus.Parameters(
                            counts.get(0).longValue(), counts.get(1).longValue()));
            train(
                    model,
                    peft.adapter(),
                    SharedGolden.metadata(golden, "training"),
                    SharedGolden.metadata(golden, "trace"));
            peft.adapter()
                    .trainable()
                    .forEach((key, weight) -> assertClose(
                            key,
                            model.scope().kernels().toFloats(weight.array()),
                            golden.floats("trained." + key),
                            TRAINED));
        }
    }

    private static void train(Model<LanguageHead> model, Adapter adapter, JsonNode settings, JsonNode trace) {
        List<Double> losses = SharedGolden.numbers(trace.get("loss"));
        List<Double> norms = SharedGolden.numbers(trace.get("norm"));
        ToyTraining.Settings toy = new ToyTraining.Settings(
                settings.get("clip").doubleValue(),
                settings.get("epsilon").doubleValue(),
                settings.get("weight_decay").doubleValue());
        List<Batch> batches = SharedGolden.batches();
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
    void aLoadedAdapterIsSavedAsItWas(Golden given, @TempDir Path folder) throws IOException {
        try (Model<LanguageHead> model = given.base()) {
            PeftModel.load(model, given.folder()).save(folder);
            assertThat(folder.resolve(AdapterStore.WEIGHTS))
                    .hasSameBinaryContentAs(given.folder().resolve(AdapterStore.WEIGHTS));
            String text = Files.readString(folder.resolve(AdapterStore.CONFIG));
            assertThat(withoutBase(text, given)).isEqualTo(sorted(given.configText()));
        }
    }

    /** Hugging Face PEFT leaves the base model's name out of some methods' configs; we fill in where the model came from. */
    private static String withoutBase(String text, Golden given) {
        String none = "\"base_model_name_or_path\": null";
        return given.configText().contains(none)
                ? text.replaceFirst("\"base_model_name_or_path\": \"[^\"]*\"", none)
                : text;
    }

    /** The text of a config file with its lists in order that Hugging Face keeps as sets. */
    public static String sorted(String text) {
        return SET.matcher(text)
                .replaceAll(set -> Matcher.quoteReplacement(
                        Arrays.stream(set.group().split(",\n")).sorted().collect(Collectors.joining(",\n"))));
    }
}
