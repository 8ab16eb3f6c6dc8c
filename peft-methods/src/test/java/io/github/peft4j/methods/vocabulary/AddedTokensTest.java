package io.github.peft4j.methods.vocabulary;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.trainabletokens.TrainableTokensConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that train tokens which the checkpoint does not have. */
class AddedTokensTest {

    private static final int OLD = ToyModel.VOCABULARY;
    private static final List<Integer> NEW = List.of(OLD, OLD + 1, OLD + 2);
    private static final Batch ROWS = Batch.of(
            List.of(new int[] {3, OLD, 5, OLD + 2}, new int[] {7, OLD + 1, OLD}),
            List.of(new int[] {-100, OLD, 5, OLD + 2}, new int[] {-100, OLD + 1, OLD}));

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel toy, Precision precision) {
        return toy.load(folder.resolve(toy.name()), precision);
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Low rank, with the new tokens in every table that is not tied to the embedding. */
    private static LoraConfig lora(Model<?> model) {
        LoraConfig.Builder config = LoraConfig.builder(2, 4).initLoraWeights(false);
        String embedding = last(model.anatomy().inputEmbedding());
        return model.anatomy().headIsTied()
                ? config.trainableTokenIndices(Map.of(embedding, NEW)).build()
                : config.trainableTokenIndices(Map.of(embedding, NEW, "lm_head", NEW))
                        .build();
    }

    private static void train(PeftModel<?> peft) {
        List<Weight> weights = List.copyOf(peft.adapter().trainable().values());
        try (ToyTraining training = new ToyTraining(peft.model(), weights, ToyTraining.Settings.plain())) {
            for (int step = 0; step < 3; step++) {
                training.step(ROWS, 0.05);
            }
        }
    }

    private static float[] logits(Model<?> model) {
        return ToyOutputs.logits(model, ROWS.tokenIds());
    }

    /** The outputs for the checkpoint's own tokens. */
    private static float[] own(float[] logits, int tokens) {
        float[] own = new float[logits.length / tokens * OLD];
        for (int row = 0; row < logits.length / tokens; row++) {
            System.arraycopy(logits, row * tokens, own, row * OLD, OLD);
        }
        return own;
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2", "GPT2", "BLOOM"})
    void theModelGrowsByRowsOfTheMeanAndItsOwnOutputsStay(ToyModel toy) {
        try (Model<LanguageHead> model = load(toy, Precision.FLOAT32)) {
            float[] before = ToyOutputs.logits(model);
            LoraConfig config = lora(model).toBuilder().initLoraWeights(true).build();
            PeftModel<?> peft = PeftModel.attach(model, config);
            assertThat(model.vocabSize()).isEqualTo(OLD + 3);
            assertThat(model.config().vocabSize()).isEqualTo(OLD);
            assertThat(peft.status().adapter("default").vocabSize()).isEqualTo(OLD + 3);
            assertClose("own tokens", own(ToyOutputs.logits(model), OLD + 3), before, 1e-6);
            float[] table = model.scope()
                    .kernels()
                    .toFloats(model.backbone().tokenTable().array());
            int width = table.length / OLD;
            float[] mean = new float[width * NEW.size()];
            for (int i = 0; i < mean.length; i++) {
                double sum = 0;
                for (int row = 0; row < OLD; row++) {
                    sum += table[row * width + i % width];
                }
                mean[i] = (float) (sum / OLD);
            }
            Weight vectors = peft.adapter().parameters().entrySet().stream()
                    .filter(entry -> entry.getKey().contains(model.anatomy().inputEmbedding())
                            && entry.getKey().endsWith("trainable_tokens_delta"))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseThrow();
            assertClose("vectors", ToyOutputs.values(vectors), mean, 1e-6);
            peft.deactivate();
            assertThat(model.vocabSize()).isEqualTo(OLD);
            assertSameBits("off", ToyOutputs.logits(model), before);
            peft.unload();
            assertSameBits("without", ToyOutputs.logits(model), before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2", "GPT2", "BLOOM"})
    void onlyTheNewVectorsAreSavedAndLoadingGrowsTheModelByItself(ToyModel toy) throws IOException {
        float[] trained;
        try (Model<LanguageHead> model = load(toy, Precision.FLOAT32)) {
            PeftModel<?> peft = PeftModel.attach(model, lora(model));
            float[] fresh = logits(model);
            train(peft);
            trained = logits(model);
            assertThat(trained).isNotEqualTo(fresh);
            peft.save(folder.resolve("adapter"));
        }
        try (SafetensorsFile file =
                SafetensorsFile.open(folder.resolve("adapter").resolve(AdapterStore.WEIGHTS))) {
            assertThat(file.names())
                    .allMatch(name -> name.contains("lora_") || name.endsWith("trainable_tokens_delta"));
        }
        try (Model<LanguageHead> model = load(toy, Precision.FLOAT32)) {
            PeftModel<?> peft = PeftModel.load(model, folder.resolve("adapter"));
            assertClose("loaded", logits(model), trained, 1e-6);
            GenerationConfig greedy =
                    GenerationConfig.builder().greedy(true).maxNewTokens(6).build();
            int[] made = new Generator(model, greedy)
                    .generate(List.of(new int[] {3, OLD + 2}))
                    .get(0)
                    .ids();
            peft.saveMerged(folder.resolve("merged"));
            try (Model<LanguageHead> merged = Models.load(folder.resolve("merged"), Device.cpu(), Precision.FLOAT32)) {
                assertThat(merged.config().vocabSize()).isEqualTo(OLD + 3);
                assertThat(merged.anatomy().headIsTied())
                        .isEqualTo(model.anatomy().headIsTied());
                assertClose("merged", logits(merged), trained, 1e-5);
                assertThat(new Generator(merged, greedy)
                                .generate(List.of(new int[] {3, OLD + 2}))
                                .get(0)
                                .ids())
                        .isEqualTo(made);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2"})
    void inBfloat16TheSameIsLearnt(ToyModel toy) throws IOException {
        try (Model<LanguageHead> model = load(toy, Precision.BFLOAT16)) {
            PeftModel<?> peft = PeftModel.attach(model, lora(model));
            double before = ToyTraining.loss(model, ROWS);
            train(peft);
            assertThat(ToyTraining.loss(model, ROWS)).isLessThan(before);
            peft.saveMerged(folder.resolve("merged"));
        }
        try (Model<LanguageHead> merged = Models.load(folder.resolve("merged"), Device.cpu(), Precision.BFLOAT16)) {
            assertThat(merged.vocabSize()).isEqualTo(OLD + 3);
        }
    }

    @Test
    void gradientsOfTheNewVectorsAreThoseOfDifferences() {
        try (Model<LanguageHead> model = load(ToyModel.LLAMA, Precision.FLOAT32)) {
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    LoraConfig.builder(2, 4)
                            .initLoraWeights(false)
                            .targetModules("q_proj", "lm_head")
                            .trainableTokenIndices(OLD, 3, OLD + 1)
                            .build());
            assertThat(model.vocabSize()).isEqualTo(OLD + 2);
            peft.adapter().trainable().forEach((key, weight) -> ToyModel.assertGradient(model, key, weight, 2e-2));
        }
    }

    @Test
    void theTablesAreNotCopied() {
        try (Model<LanguageHead> model = load(ToyModel.QWEN2, Precision.FLOAT32)) {
            int live = model.scope().liveArrays();
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    TrainableTokensConfig.builder().tokenIndices(OLD, OLD + 1).build());
            // A row for all that follow the table, the vectors, where they are, and what places have them.
            assertThat(model.scope().liveArrays()).isEqualTo(live + 4);
            peft.unload();
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void tokensThatLeaveOthersOutAreRefused() throws IOException {
        try (Model<LanguageHead> model = load(ToyModel.QWEN2, Precision.FLOAT32)) {
            int live = model.scope().liveArrays();
            PeftConfig far = TrainableTokensConfig.builder()
                    .tokenIndices(OLD, 2_000_000_000)
                    .build();
            assertThatThrownBy(() -> PeftModel.attach(model, far))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "token_indices holds 48, 2000000000, but the model has tokens from 0 to 47. Added tokens"
                                    + " follow those, one after the other, and each is to be trained");
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    TrainableTokensConfig.builder().tokenIndices(OLD, OLD + 1).build());
            peft.save(folder.resolve("adapter"));
            peft.unload();
            Path config = folder.resolve("adapter").resolve(AdapterStore.CONFIG);
            Files.writeString(config, Files.readString(config).replace("    49\n", "    1999999999\n"));
            assertThatThrownBy(() -> PeftModel.load(model, folder.resolve("adapter")))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(
                            "token_indices holds 48, 1999999999, but the model has tokens from 0 to 47, and no"
                                    + " tokenizer in " + folder.resolve("adapter") + " has those in between");
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {52, 60})
    void theTokenizerSavedWithAnAdapterSaysHowManyTokensThereAre(int tokens) throws IOException {
        Path adapter = folder.resolve("adapter");
        try (Model<LanguageHead> model = load(ToyModel.LLAMA, Precision.FLOAT32)) {
            PeftModel.attach(
                            model,
                            TrainableTokensConfig.builder()
                                    .tokenIndices(OLD, OLD + 1)
                                    .targetModules("embed_tokens", "lm_head")
                                    .build())
                    .save(adapter);
        }
        StringBuilder vocabulary = new StringBuilder();
        for (int id = 0; id < tokens; id++) {
            vocabulary
                    .append(id == 0 ? "" : ", ")
                    .append("\"t")
                    .append(id)
                    .append("\": ")
                    .append(id);
        }
        Files.writeString(
                adapter.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"WordLevel\", \"unk_token\": \"t0\","
                        + " \"vocab\": {" + vocabulary + "}}}");
        try (Model<LanguageHead> model = load(ToyModel.LLAMA, Precision.FLOAT32)) {
            PeftModel<?> peft = PeftModel.load(model, adapter);
            assertThat(model.vocabSize()).isEqualTo(tokens);
            assertThat(model.tokenizer().size()).isEqualTo(tokens);
            peft.save(folder.resolve("again"));
            assertThat(folder.resolve("again").resolve("tokenizer.json"))
                    .hasSameTextualContentAs(adapter.resolve("tokenizer.json"));
            float[] logits = ToyOutputs.logits(model, List.of(new int[] {3, OLD, tokens - 1}));
            int start = 2 * tokens;
            float mean = logits[start + tokens - 1];
            assertThat(Arrays.copyOfRange(logits, start + OLD + 2, start + tokens))
                    .containsOnly(mean);
        }
    }

    @Test
    void twoAdaptersThatAddTokensAreNotActiveTogether() {
        try (Model<LanguageHead> model = load(ToyModel.QWEN2, Precision.FLOAT32)) {
            PeftModel<?> peft = PeftModel.attach(
                    model, LoraConfig.builder(2, 4).trainableTokenIndices(OLD).build());
            peft.add(
                    LoraConfig.builder(2, 4).trainableTokenIndices(OLD, OLD + 1).build(),
                    new AttachContext("more", 1, true));
            assertThat(model.vocabSize()).isEqualTo(OLD + 1);
            peft.setActive("more");
            assertThat(model.vocabSize()).isEqualTo(OLD + 2);
            assertThatThrownBy(() -> peft.setActive("default", "more"))
                    .hasMessageContaining("Only one adapter can be set at a time for model.embed_tokens");
        }
    }
}
