package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that Hugging Face PEFT saved compute, train and save here as there. */
@Tag("golden")
class LoraGoldenTest {

    private static final double TRACE = 1e-4;
    /** Ten steps of AdamW from a float's rounding: what is left of a weight's own size. */
    private static final double TRAINED = 1e-3;

    @ParameterizedTest
    @MethodSource("io.github.peft4j.methods.lora.GoldenCase#all")
    void aLoadedAdapterComputesWhatItComputesInPython(GoldenCase given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            PeftModel.load(model, given.folder());
            SharedGolden.assertOutputs(model, golden);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.peft4j.methods.lora.GoldenCase#trained")
    void tenStepsOfTrainingGoAsInPython(GoldenCase given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            JsonNode trace = SharedGolden.metadata(golden, "trace");
            boolean begins = golden.names().stream().anyMatch(name -> name.startsWith("initial."));
            PeftModel<?> peft = begins ? atTheBeginning(model, given, golden) : PeftModel.load(model, given.folder());
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            assertThat(peft.parameterReport()).isEqualTo(report(golden));
            train(model, peft.adapter(), SharedGolden.metadata(golden, "training"), trace);
            try (GoldenTensors saved = GoldenTensors.open(given.folder().resolve(AdapterStore.WEIGHTS))) {
                peft.adapter().trainable().forEach((key, weight) -> {
                    float[] expected = begins ? saved.floats(key) : golden.floats("trained." + key);
                    assertClose(key, model.scope().kernels().toFloats(weight.array()), expected, TRAINED);
                });
            }
        }
    }

    private static PeftModel<?> atTheBeginning(Model<LanguageHead> model, GoldenCase given, GoldenTensors golden) {
        try {
            LoraConfig config = (LoraConfig)
                    AdapterStore.readConfig(given.folder().resolve(AdapterStore.CONFIG), PeftMethods.discovered());
            PeftModel<?> peft = PeftModel.attach(model, config);
            for (Map.Entry<String, Weight> entry : peft.adapter().parameters().entrySet()) {
                float[] values = golden.floats("initial." + entry.getKey());
                Weight weight = entry.getValue();
                try (var array = model.scope().floats(values, weight.shape().getShape())) {
                    weight.assign(array);
                }
            }
            return peft;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ModelStatus.Parameters report(GoldenTensors golden) {
        JsonNode counts = SharedGolden.metadata(golden, "parameters");
        return new ModelStatus.Parameters(
                counts.get(0).longValue(), counts.get(1).longValue());
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
    @MethodSource("io.github.peft4j.methods.lora.GoldenCase#all")
    void aLoadedAdapterIsSavedAsItWas(GoldenCase given, @TempDir Path folder) throws IOException {
        try (Model<LanguageHead> model = given.base()) {
            PeftModel.load(model, given.folder()).save(folder);
            assertThat(folder.resolve(AdapterStore.WEIGHTS))
                    .hasSameBinaryContentAs(given.folder().resolve(AdapterStore.WEIGHTS));
            assertThat(Files.readString(folder.resolve(AdapterStore.CONFIG)))
                    .isEqualTo(ConfigText.sorted(given.configText()));
        }
    }
}
