package io.github.peft4j.core.internal.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.Golden;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.nn.Forward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters whose files bring token tables of another size. */
final class OtherVocabularyTest extends VocabularyCase {

    /** What the adapter computes on a checkpoint that has these tables itself. */
    private float[] expected(boolean tied, int rows, Map<String, float[]> tables, int... ids) throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("enlarged-" + tied), tied, rows, tables))) {
            PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(2), AttachContext.of(0), FakeMethod.ALONE);
            return logits(model, ids);
        }
    }

    @ParameterizedTest(name = "{0} rows at {1}")
    @CsvSource({
        "36, base_model.model.%s.weight",
        "33, base_model.model.%s.base_layer.weight",
        "40, base_model.model.%s.token_adapter.base_layer.weight",
        "36, base_model.%s.weight",
        "20, base_model.model.%s.weight"
    })
    void theTablesComeFromTheAdapter(int rows, String key) throws IOException {
        int[] ids = {1, rows - 1, 9};
        try (Model<LanguageHead> model = base(false)) {
            float[] before = Toy.logits(model);
            Map<String, List<Float>> weights = Toy.weights(model);
            int live = model.scope().liveArrays();
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tensor(key.formatted(EMBEDDING), rows, 1),
                    tensor(key.formatted(HEAD), rows, 2));
            PeftModel<?> peft = load(model);
            assertThat(model.vocabSize()).isEqualTo(rows);
            assertThat(peft.status().adapter("default").vocabSize()).isEqualTo(rows);
            assertThat(logits(model, ids))
                    .hasSize(3 * rows)
                    .containsExactly(expected(
                            false,
                            rows,
                            Map.of(EMBEDDING + ".weight", table(rows, 1), HEAD + ".weight", table(rows, 2)),
                            ids));
            peft.deactivate();
            assertThat(model.vocabSize()).isEqualTo(Toy.VOCABULARY);
            assertThat(Toy.logits(model)).containsExactly(before);
            assertThat(Toy.weights(model)).isEqualTo(weights);
            peft.unload();
            assertThat(Toy.logits(model)).containsExactly(before);
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void aTiedHeadFollowsItsEmbeddingAndOfTwoTablesTheHeadsCounts() throws IOException {
        int[] ids = {35, 2, 33};
        float[] expected = expected(true, MORE, Map.of(EMBEDDING + ".weight", table(MORE, 2)), ids);
        try (Model<LanguageHead> model = base(true)) {
            save(model, FakeConfig.of("q_proj"), tensor(PREFIX + EMBEDDING + ".weight", MORE, 2));
            PeftModel<?> peft = load(model);
            assertThat(logits(model, ids)).containsExactly(expected);
            assertThat(peft.parameterReport().all()).isEqualTo(4432 + 4 * 16 + 32);
            peft.unload();
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".weight", MORE, 2));
            load(model);
            assertThat(logits(model, ids)).containsExactly(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, ''", "false, ''", "true, .modules_to_save.default", "false, .modules_to_save.default"})
    void copiesThatTheAdapterTrainsHaveTheSizeOfItsTables(boolean tied, String copy) throws IOException {
        int[] ids = {35, 2, 33};
        try (Model<LanguageHead> model = base(tied)) {
            float[] before = Toy.logits(model);
            int live = model.scope().liveArrays();
            save(
                    model,
                    FakeConfig.of("q_proj").saving(EMBEDDING, HEAD),
                    tensor(PREFIX + EMBEDDING + copy + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + copy + ".weight", MORE, 2));
            PeftModel<?> peft = load(model);
            assertThat(logits(model, ids))
                    .containsExactly(expected(
                            false,
                            MORE,
                            Map.of(EMBEDDING + ".weight", table(MORE, 1), HEAD + ".weight", table(MORE, 2)),
                            ids));
            peft.deactivate();
            assertThat(Toy.logits(model)).containsExactly(before);
            peft.unload();
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void anAdapterOfTheEmbeddingHasTheSizeOfItsTable() throws IOException {
        try (Model<LanguageHead> model = base(false)) {
            save(
                    model,
                    FakeConfig.of("lm_head"),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".base_layer.weight", MORE, 2),
                    Toy.tensor(PREFIX + HEAD + ".fake_factor", List.of((long) MORE), new float[MORE]));
            PeftModel<?> peft = load(model);
            assertThat(logits(model, 35)).hasSize(MORE).containsOnly(0f, -0f);
            assertThat(peft.adapter()
                            .parameters()
                            .get(PREFIX + HEAD + ".fake_factor")
                            .size())
                    .isEqualTo(MORE);
        }
    }

    @Test
    void rowsAreLearntAndReadAsFarAsTheTablesGo() throws IOException {
        Batch rows = Batch.of(List.of(new int[] {1, 35, 2}), List.of(new int[] {1, 35, 2}));
        try (Model<LanguageHead> model = base(true)) {
            save(model, FakeConfig.of("q_proj"), tensor(PREFIX + EMBEDDING + ".weight", MORE, 1));
            PeftModel<?> peft = load(model);
            try (Forward pass = Forward.inference(model.scope())) {
                assertThat(model.head().objective().loss(pass, model, rows, 1)).isPositive();
            }
            assertThatThrownBy(() -> logits(model, 36))
                    .hasMessageContaining("token id 36 is not in the vocabulary of 36");
            peft.deactivate();
            assertThatThrownBy(() -> logits(model, 35))
                    .hasMessageContaining("token id 35 is not in the vocabulary of 32");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMergedCheckpointHasTheAdaptersVocabulary(boolean tied) throws IOException {
        Path merged = folder.resolve("merged");
        float[] expected;
        try (Model<LanguageHead> model = base(tied)) {
            TensorSource embedding = tensor(PREFIX + EMBEDDING + ".weight", MORE, 1);
            TensorSource head = tensor(PREFIX + HEAD + ".weight", MORE, 2);
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tied ? new TensorSource[] {embedding} : new TensorSource[] {embedding, head});
            PeftModel<?> peft = load(model);
            expected = logits(model, 35, 1);
            peft.saveMerged(merged);
            assertThat(logits(model, 35, 1)).containsExactly(expected);
            peft.mergeActive();
            assertThat(logits(model, 35, 1)).containsExactly(expected, Offset.offset(1e-5f));
            peft.unmerge();
            assertThat(logits(model, 35, 1)).containsExactly(expected);
        }
        assertThat(Golden.read(merged.resolve("config.json"))).containsEntry("vocab_size", MORE);
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(model.config().vocabSize()).isEqualTo(MORE);
            assertThat(model.anatomy().headIsTied()).isEqualTo(tied);
            assertThat(logits(model, 35, 1)).containsExactly(expected, Offset.offset(1e-5f));
        }
    }

    @Test
    void aMergedCheckpointHasTheAdaptersTokenizer() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> model = base(true)) {
            for (String file : List.of("tokenizer.json", "special_tokens_map.json", "generation_config.json")) {
                Files.writeString(folder.resolve("base").resolve(file), "the base model's");
            }
            save(model, FakeConfig.of("q_proj"));
            Files.writeString(saved().resolve("tokenizer.json"), "the adapter's");
            Files.writeString(saved().resolve("chat_template.jinja"), "the adapter's");
            load(model).saveMerged(merged);
        }
        assertThat(merged.resolve("tokenizer.json")).hasContent("the adapter's");
        assertThat(merged.resolve("chat_template.jinja")).hasContent("the adapter's");
        assertThat(merged.resolve("generation_config.json")).hasContent("the base model's");
        assertThat(merged.resolve("special_tokens_map.json")).doesNotExist();
    }

    @Test
    void whatIsSavedAgainIsWhatWasRead() throws IOException {
        try (Model<LanguageHead> model = base(false)) {
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".weight", MORE, 2));
            load(model).save(folder.resolve("again"));
        }
        assertThat(folder.resolve("again").resolve(AdapterStore.WEIGHTS))
                .hasSameBinaryContentAs(saved().resolve(AdapterStore.WEIGHTS));
    }

    @Test
    void copiesBesideTablesAndWhatTheyReplacedMayHaveTheAdaptersVocabularyToo() throws IOException {
        int[] ids = {35, 2};
        try (Model<LanguageHead> model = base(false)) {
            save(
                    model,
                    FakeConfig.of("q_proj").saving(EMBEDDING, HEAD),
                    tensor(PREFIX + EMBEDDING + ".original_module.weight", MORE, 3),
                    tensor(PREFIX + EMBEDDING + ".modules_to_save.weight", MORE, 1),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".weight", MORE, 2));
            load(model);
            assertThat(logits(model, ids))
                    .containsExactly(expected(
                            false,
                            MORE,
                            Map.of(EMBEDDING + ".weight", table(MORE, 1), HEAD + ".weight", table(MORE, 2)),
                            ids));
        }
    }

    // ---- beside other adapters

    @Test
    void otherAdaptersAreOfTheModelsOwnVocabularyWhicheverIsActive() throws IOException {
        try (Model<LanguageHead> model = base(false)) {
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    tensor(PREFIX + EMBEDDING + ".weight", MORE, 1),
                    tensor(PREFIX + HEAD + ".weight", MORE, 2));
            PeftModel<?> peft = load(model);
            float[] alone = logits(model, 35, 2);
            peft.add(FakeConfig.of("k_proj").withInitial(3), new AttachContext("elsewhere", 0, true));
            peft.add(FakeConfig.of("lm_head").withInitial(3), new AttachContext("head", 0, true));
            peft.add(FakeConfig.of("v_proj").saving(EMBEDDING), new AttachContext("copy", 0, true));
            assertThat(logits(model, 35, 2)).containsExactly(alone);
            assertThat(peft.adapter("head")
                            .parameters()
                            .values()
                            .iterator()
                            .next()
                            .size())
                    .isEqualTo(Toy.VOCABULARY);
            peft.setActive("default", "elsewhere");
            assertThat(logits(model, 35, 2)).hasSize(2 * MORE).isNotEqualTo(alone);
            assertThatThrownBy(() -> peft.setActive("default", "head"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Only one adapter can be set at a time for lm_head: 'default' brings a vocabulary of 36"
                            + " tokens, and 'head' adapts the model's own of 32");
            assertThatThrownBy(() -> peft.setActive("copy", "default"))
                    .hasMessageStartingWith("Only one adapter can be set at a time for model.embed_tokens: ");
            assertThat(logits(model, 35, 2)).hasSize(2 * MORE).isNotEqualTo(alone);
            peft.setActive("head", "elsewhere");
            assertThat(logits(model, 31)).hasSize(Toy.VOCABULARY);
            peft.load(saved(), "again");
            assertThat(logits(model, 31)).hasSize(Toy.VOCABULARY);
            peft.delete("default");
            peft.setActive("again");
            assertThat(logits(model, 35, 2)).containsExactly(alone);
        }
    }
}
