package io.github.peft4j.methods.prompttuning;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.methods.internal.promptlearning.GoldenPrompt;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How virtual tokens begin. */
class PromptTuningInitTest {

    private static final Path TEXTS = GoldenPrompt.ROOT.resolve("text");
    private static final String TEXT = "one two three unheard two";

    @TempDir
    private Path folder;

    private static Model<LanguageHead> model() throws IOException {
        return Models.load(SharedGolden.base("llama"), Device.cpu(), Precision.FLOAT32);
    }

    private static float[] table(PeftModel<?> peft) {
        Weight table = peft.adapter().parameters().get("prompt_embeddings");
        return ToyOutputs.values(java.util.Objects.requireNonNull(table));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 17})
    void asATextTheyAreWhatPythonMakesOfIt(int count) throws IOException {
        Map<String, Object> kwargs = new LinkedHashMap<>();
        kwargs.put("trust_remote_code", true);
        PromptTuningConfig config = PromptTuningConfig.builder(count)
                .text(TEXT, TEXTS.toString())
                .set(PromptTuningConfig.TOKENIZER_KWARGS, kwargs)
                .build();
        try (Model<LanguageHead> model = model();
                GoldenTensors golden = GoldenTensors.open(TEXTS.resolve("text.safetensors"))) {
            PeftModel<?> peft = PeftModel.attach(model, config);
            assertSameBits("virtual tokens", table(peft), golden.floats("embeddings." + count));
            assertThat(peft.adapter().config().settings()).containsEntry("tokenizer_kwargs", Map.of());
        }
    }

    @Test
    void tokensThatWereAddedToTheTokenizerChangeNoOthersAndHaveTheirOwnRows() throws IOException {
        int added = Tokenizer.addTokens(TEXTS, folder, List.of("<tool>"), false).get("<tool>");
        try (GoldenTensors golden = GoldenTensors.open(TEXTS.resolve("text.safetensors"));
                Model<LanguageHead> model = model();
                Model<LanguageHead> other = model()) {
            PeftModel<?> same = PeftModel.attach(
                    model,
                    PromptTuningConfig.builder(4).text(TEXT, folder.toString()).build());
            assertSameBits("virtual tokens", table(same), golden.floats("embeddings.4"));
            PeftModel<?> peft = PeftModel.attach(
                    other,
                    PromptTuningConfig.builder(4)
                            .text("one<tool>two", folder.toString())
                            .build());
            float[] rows = ToyOutputs.values(other.backbone().tokenTable());
            int width = other.config().hiddenSize();
            int[] ids = {1, 30, added, 31};
            for (int i = 0; i < ids.length; i++) {
                assertSameBits(
                        "virtual token " + i,
                        Arrays.copyOfRange(table(peft), i * width, (i + 1) * width),
                        Arrays.copyOfRange(rows, ids[i] * width, (ids[i] + 1) * width));
            }
        }
    }

    @Test
    void theBaseModelsOwnTokenizerIsFoundByTheModelsName() throws IOException {
        try (Model<LanguageHead> model = model();
                GoldenTensors golden = GoldenTensors.open(TEXTS.resolve("text.safetensors"))) {
            model.setOrigin(ModelOrigin.of(TEXTS).named("some/llama"));
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    PromptTuningConfig.builder(4).text(TEXT, "some/llama").build());
            assertSameBits("virtual tokens", table(peft), golden.floats("embeddings.4"));
        }
    }

    @Test
    void asSampledTheyAreEmbeddingsOfTokens() throws IOException {
        try (Model<LanguageHead> model = model()) {
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    PromptTuningConfig.builder(20)
                            .set(PromptTuningConfig.PROMPT_TUNING_INIT, PromptTuningConfig.Init.SAMPLE_VOCAB)
                            .build());
            float[] words = ToyOutputs.values(((Embedding) model.at("model.embed_tokens")).weight());
            float[] table = table(peft);
            for (int row = 0; row < 20; row++) {
                float[] virtual = Arrays.copyOfRange(table, row * 16, row * 16 + 16);
                assertThat(words).containsSequence(virtual);
            }
            assertThat(Arrays.copyOfRange(table, 0, 160)).isNotEqualTo(Arrays.copyOfRange(table, 160, 320));
        }
    }

    /** Only a new adapter needs its tokenizer. */
    @Test
    void aSavedAdapterNeedsNoTokenizer() throws IOException {
        try (Model<LanguageHead> model = model()) {
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    PromptTuningConfig.builder(2).text(TEXT, TEXTS.toString()).build());
            peft.save(folder);
            peft.unload();
            Path config = folder.resolve("adapter_config.json");
            Files.writeString(config, Files.readString(config).replace(TEXTS.toString(), "gone/tokenizer"));
            PeftModel.load(model, folder);
        }
    }

    private void refused(String tokenizer, Map<String, Object> kwargs, Class<?> type, String message)
            throws IOException {
        PromptTuningConfig config = PromptTuningConfig.builder(2)
                .text(TEXT, tokenizer)
                .set(PromptTuningConfig.TOKENIZER_KWARGS, kwargs)
                .build();
        try (Model<LanguageHead> model = model()) {
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(model, config, AttachContext.of(1)))
                    .isInstanceOf(type)
                    .hasMessage(message);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void aTokenizerThatIsNotThereIsNamed() throws IOException {
        refused(
                "bigscience/bloom",
                Map.of(),
                IllegalArgumentException.class,
                "tokenizer_name_or_path: there is no folder bigscience/bloom: expected one that holds tokenizer.json, or "
                        + SharedGolden.base("llama") + " for the base model's own");
    }

    @Test
    void aFolderWithoutATokenizerIsNamed() throws IOException {
        assertThatThrownBy(() -> {
                    try (Model<LanguageHead> model = model()) {
                        PeftModel.attach(
                                model,
                                PromptTuningConfig.builder(2)
                                        .text(TEXT, folder.toString())
                                        .build());
                    }
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tokenizer_name_or_path: no tokenizer.json in " + folder);
    }

    @Test
    void settingsOfATokenizerThatAreNotImplementedAreRefusedByName() throws IOException {
        Map<String, Object> kwargs = new LinkedHashMap<>();
        kwargs.put("revision", "main");
        kwargs.put("use_fast", false);
        kwargs.put("padding_side", "left");
        kwargs.put("add_bos_token", false);
        refused(
                TEXTS.toString(),
                kwargs,
                UnsupportedOperationException.class,
                "tokenizer_kwargs sets add_bos_token, revision, use_fast, which this version does not implement");
    }

    private String changed(Consumer<ObjectNode> change) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode tokenizer =
                (ObjectNode) json.readTree(TEXTS.resolve("tokenizer.json").toFile());
        change.accept(tokenizer);
        json.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
        return folder.toString();
    }

    @Test
    void aTokenBeyondTheVocabularyIsNamed() throws IOException {
        String other = changed(tokenizer -> ((ObjectNode) tokenizer.get("model").get("vocab")).put("one", 48));
        refused(
                other,
                Map.of(),
                IllegalArgumentException.class,
                "prompt_tuning_init_text has the token 48, but the model has a vocabulary of 48: is " + folder
                        + " the tokenizer of this model?");
    }

    @Test
    void aTextWithoutTokensIsRefused() throws IOException {
        String plain = changed(tokenizer -> tokenizer.putNull("post_processor"));
        try (Model<LanguageHead> model = model()) {
            PromptTuningConfig config =
                    PromptTuningConfig.builder(2).text("", plain).build();
            assertThatThrownBy(() -> PeftModel.attach(model, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("prompt_tuning_init_text has no tokens: give a text that is not empty");
        }
    }

    /** Hugging Face PEFT asks the embedding module, which in Gemma scales what it finds; virtual tokens are not scaled again. */
    @Test
    void beginsWithEmbeddingsAsTheBlocksGetThem() {
        try (Model<LanguageHead> base = ToyModel.GEMMA2.load(folder.resolve("gemma2"), Precision.FLOAT32)) {
            double scale = base.anatomy().embeddingScale();
            assertThat(scale).isEqualTo(4);
            float[] words =
                    ToyOutputs.values(((Embedding) base.at(base.anatomy().inputEmbedding())).weight());
            PromptTuningConfig config = PromptTuningConfig.builder(2)
                    .set(PromptTuningConfig.PROMPT_TUNING_INIT, PromptTuningConfig.Init.SAMPLE_VOCAB)
                    .build();
            float[] first = table(PeftModel.attach(base, config, AttachContext.of(3)));
            int width = base.config().hiddenSize();
            for (int token = 0; token < 2; token++) {
                float[] row = Arrays.copyOfRange(first, token * width, (token + 1) * width);
                assertThat(IntStream.range(0, words.length / width)).anyMatch(id -> {
                    float[] scaled = Arrays.copyOfRange(words, id * width, (id + 1) * width);
                    for (int i = 0; i < width; i++) {
                        scaled[i] *= (float) scale;
                    }
                    return Arrays.equals(scaled, row);
                });
            }
        }
    }
}
