package io.github.peft4j.methods.internal.promptlearning;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompts that Hugging Face PEFT saved compute, train and are saved here as there. */
@Tag("golden")
class PromptGoldenTest {

    private static final double LOGITS = 1e-5;
    private static final double LOSS = 1e-5;
    private static final double TRACE = 1e-4;
    /** Ten steps of AdamW from a float's rounding: what is left of a weight's own size. */
    private static final double TRAINED = 1e-3;

    private static final String CASES = "io.github.peft4j.methods.internal.promptlearning.GoldenPrompt#all";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource(CASES)
    void aLoadedAdapterComputesWhatItComputesInPython(GoldenPrompt given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            PeftModel.load(model, given.folder());
            assertOutputs(model, golden);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.peft4j.methods.internal.promptlearning.GoldenPrompt#encoded")
    void itDoesSoWithoutItsEncoder(GoldenPrompt given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            PeftModel.load(model, withoutEncoder(given));
            assertOutputs(model, golden);
        }
    }

    private Path withoutEncoder(GoldenPrompt given) throws IOException {
        for (String file : List.of(AdapterStore.CONFIG, AdapterStore.WEIGHTS)) {
            Files.copy(given.folder().resolve(file), folder.resolve(file));
        }
        return folder;
    }

    private static void assertOutputs(Model<LanguageHead> model, GoldenTensors golden) {
        JsonNode losses = SharedGolden.metadata(golden, "losses");
        List<Batch> rows = SharedGolden.rows();
        for (int row = 0; row < rows.size(); row++) {
            float[] logits = SharedGolden.logits(model, rows.get(row).tokenIds().get(0));
            assertClose("logits of row " + row, logits, golden.floats("logits." + row), LOGITS);
            double loss = losses.get(row).doubleValue();
            assertClose("loss of row " + row, GoldenPrompt.loss(model, rows.get(row)), loss, LOSS);
        }
        List<Integer> expected = SharedGolden.integers(SharedGolden.metadata(golden, "greedy"));
        assertThat(SharedGolden.greedy(model, expected.size())).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void tenStepsOfTrainingGoAsInPython(GoldenPrompt given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            PeftModel<?> peft = PeftModel.load(model, given.folder());
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            assertThat(peft.parameterReport()).isEqualTo(report(golden, "parameters"));
            train(model, peft.adapter(), golden, "trace");
            Map<String, Weight> kept = new HashMap<>(peft.adapter().parameters());
            peft.adapter()
                    .sidecar()
                    .ifPresent(
                            sidecar -> sidecar.weights().forEach((key, weight) -> kept.put("encoder." + key, weight)));
            assertThat(golden.shapes("trained.").keySet()).isEqualTo(kept.keySet());
            kept.forEach((key, weight) -> assertClose(
                    key, model.scope().kernels().toFloats(weight.array()), golden.floats("trained." + key), TRAINED));
        }
    }

    /** What Hugging Face PEFT does with its own file if it is made trainable by hand. */
    @ParameterizedTest
    @MethodSource("io.github.peft4j.methods.internal.promptlearning.GoldenPrompt#onlyEncoded")
    void withoutItsEncoderItsTableIsTrainedAsInPython(GoldenPrompt given) throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            PeftModel<?> peft = PeftModel.load(model, withoutEncoder(given));
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            assertThat(peft.adapter().trainable()).containsOnlyKeys(PromptTable.KEY);
            assertThat(peft.parameterReport()).isEqualTo(report(golden, "table_parameters"));
            try (Logged log = Logged.of(PromptTable.class)) {
                train(model, peft.adapter(), golden, "table_trace");
                assertThat(log.messages())
                        .containsExactly("training prompt_embeddings themselves: there is no prompt_encoder.safetensors"
                                + " beside them with the encoder that computed them");
            }
            float[] expected = golden.floats("table.prompt_embeddings");
            Weight table = peft.adapter().trainable().values().iterator().next();
            assertClose("table", model.scope().kernels().toFloats(table.array()), expected, TRAINED);
            peft.save(folder);
            assertThat(folder.resolve(PromptTable.ENCODER_FILE)).doesNotExist();
        }
    }

    private static ModelStatus.Parameters report(GoldenTensors golden, String key) {
        JsonNode counts = SharedGolden.metadata(golden, key);
        return new ModelStatus.Parameters(
                counts.get(0).longValue(), counts.get(1).longValue());
    }

    private static void train(Model<LanguageHead> model, Adapter adapter, GoldenTensors golden, String key) {
        JsonNode settings = SharedGolden.metadata(golden, "training");
        JsonNode trace = SharedGolden.metadata(golden, key);
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
                assertClose(
                        "loss of step " + step,
                        done.loss(),
                        trace.get("loss").get(step).doubleValue(),
                        TRACE);
                assertClose(
                        "norm of step " + step,
                        done.norm(),
                        trace.get("norm").get(step).doubleValue(),
                        TRACE);
            }
        }
        adapter.beforeSave();
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void aLoadedAdapterIsSavedAsItWas(GoldenPrompt given) throws IOException {
        try (Model<LanguageHead> model = given.base()) {
            PeftModel.load(model, given.folder()).save(folder);
            assertThat(folder.resolve(AdapterStore.CONFIG)).hasContent(given.text(AdapterStore.CONFIG));
            assertSame(given, AdapterStore.WEIGHTS);
            if (given.hasEncoder()) {
                assertSame(given, PromptTable.ENCODER_FILE);
            } else {
                assertThat(folder.resolve(AdapterStore.WEIGHTS))
                        .hasSameBinaryContentAs(given.folder().resolve(AdapterStore.WEIGHTS));
            }
        }
    }

    private void assertSame(GoldenPrompt given, String file) {
        try (GoldenTensors ours = GoldenTensors.open(folder.resolve(file));
                GoldenTensors theirs = GoldenTensors.open(given.folder().resolve(file))) {
            assertThat(ours.shapes("")).isEqualTo(theirs.shapes(""));
            // An encoder computes the table anew.
            ours.names().forEach(name -> assertClose(name, ours.floats(name), theirs.floats(name), 1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void aNewAdaptersConfigIsFilledInAsInPython(GoldenPrompt given) throws IOException {
        ObjectNode config = (ObjectNode) SharedGolden.json(given.folder().resolve(AdapterStore.CONFIG));
        if (config.path("encoder_hidden_size").equals(config.path("token_dim"))) {
            config.remove("encoder_hidden_size");
        }
        config.remove(List.of("token_dim", "num_layers", "num_attention_heads", "num_transformer_submodules"));
        Path bare = Files.writeString(folder.resolve("bare.json"), config.toString());
        try (Model<LanguageHead> model = given.base()) {
            Adapter adapter = PeftModel.attach(model, AdapterStore.readConfig(bare, PeftMethods.discovered()))
                    .adapter();
            String text = AdapterStore.json(adapter.config()
                    .withCommon(adapter.config()
                            .common()
                            .withBaseModel(config.get("base_model_name_or_path").textValue())));
            assertThat(text).isEqualTo(given.text(AdapterStore.CONFIG));
        }
    }
}
