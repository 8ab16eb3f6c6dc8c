package io.github.peft4j.core.internal.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings of the base model in an adapter's file. */
final class CarriedWeightsTest extends CarriedWeightsCase {

    /** An adapter on q_proj as it is saved, with more tensors in its file. */
    private void save(Model<LanguageHead> model, FakeConfig config, TensorSource... more) throws IOException {
        PeftModel<?> peft = attach(model, config);
        peft.save(saved());
        List<TensorSource> tensors = new ArrayList<>(List.of(more));
        peft.adapter()
                .parameters()
                .forEach((key, weight) -> tensors.add(Toy.tensor(
                        key,
                        Arrays.stream(weight.shape().getShape()).boxed().toList(),
                        weight.scope().kernels().toFloats(weight.array()))));
        peft.unload();
        Toy.writeTensors(
                saved().resolve(AdapterStore.WEIGHTS), Map.of("format", "pt"), tensors.toArray(TensorSource[]::new));
    }

    private static float[] table(float value) {
        float[] table = new float[Toy.VOCABULARY * Toy.WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = value * (i % 7 - 3);
        }
        return table;
    }

    private static TensorSource tensor(String name, float[] values) {
        return Toy.tensor(name, List.of((long) Toy.VOCABULARY, (long) Toy.WIDTH), values);
    }

    private static float[] values(Model<LanguageHead> model, String path) {
        Weight weight = BaseModules.of(model).base(path).ownWeights().get("weight");
        return weight.scope().kernels().toFloats(weight.array());
    }

    @ParameterizedTest
    @ValueSource(strings = {EMBEDDING, WRAPPED, "base_model.model.embed_tokens.weight", "model.embed_tokens.weight"})
    void valuesThatEqualTheModelsChangeNothing(String key) throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            float[] base = Toy.logits(model);
            save(model, FakeConfig.of("q_proj"), tensor(key, values(model, "model.embed_tokens")));
            var modules = model.modulesByPath().keySet();
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(Toy.logits(model)).containsExactly(base);
            assertThat(model.modulesByPath().keySet()).hasSize(modules.size() + 2);
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")).get(key)).containsExactly(values(model, "model.embed_tokens"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {EMBEDDING, WRAPPED})
    void otherValuesAreTheAdaptersAndTheModelKeepsItsOwn(String key) throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            float[] base = Toy.logits(model);
            var weights = Toy.weights(model);
            int live = model.scope().liveArrays();
            save(model, FakeConfig.of("q_proj"), tensor(key, table(0.125f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            float[] adapted = Toy.logits(model);
            assertThat(adapted).isNotEqualTo(base);
            assertThat(Toy.weights(model)).isEqualTo(weights);
            assertThat(peft.parameterReport().all()).isEqualTo(4944 + 32);
            peft.deactivate();
            assertThat(Toy.logits(model)).containsExactly(base);
            peft.setActive("default");
            assertThat(Toy.logits(model)).containsExactly(adapted);
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")))
                    .containsOnlyKeys(saved(saved()).keySet());
            assertThat(saved(folder.resolve("again")).get(key)).containsExactly(table(0.125f));
            peft.delete("default");
            assertThat(Toy.logits(model)).containsExactly(base);
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    private static final String KEYS = "model.layers.0.self_attn.k_proj.weight";
    private static final String QUERIES = "model.layers.0.self_attn.q_proj.";

    private static float[] matrix(Model<LanguageHead> model, String name) {
        Weight weight = model.weightsByPath().get(name);
        return weight.scope().kernels().toFloats(weight.array());
    }

    private static List<Long> shape(Model<LanguageHead> model, String name) {
        return Arrays.stream(model.weightsByPath().get(name).shape().getShape())
                .boxed()
                .toList();
    }

    /** As files are that hold a model's whole state. */
    @Test
    void weightsOfOtherLayersMayBeThereTooAndAreNotSavedAgain() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            float[] base = Toy.logits(model);
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    Toy.tensor(PREFIX + KEYS, shape(model, KEYS), matrix(model, KEYS)),
                    Toy.tensor(
                            PREFIX + QUERIES + "base_layer.weight",
                            shape(model, QUERIES + "weight"),
                            matrix(model, QUERIES + "weight")),
                    Toy.tensor(PREFIX + "model.layers.0.self_attn.rotary_emb.inv_freq", List.of(2L), 1, 2));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(Toy.logits(model)).containsExactly(base);
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")))
                    .containsOnlyKeys(peft.adapter().parameters().keySet());
        }
    }

    @Test
    void otherWeightsOfALayerBelongToTheAdapterUnderTheNameThatPeftReads() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            float[] base = Toy.logits(model);
            float[] zeros = new float[matrix(model, KEYS).length];
            float[] twice = matrix(model, QUERIES + "weight");
            for (int i = 0; i < twice.length; i++) {
                twice[i] *= 2;
            }
            List<Long> shape = shape(model, QUERIES + "weight");
            save(
                    model,
                    FakeConfig.of("q_proj"),
                    Toy.tensor(PREFIX + KEYS, shape(model, KEYS), zeros),
                    Toy.tensor(PREFIX + QUERIES + "base_layer.weight", shape, twice));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            float[] adapted = Toy.logits(model);
            assertThat(adapted).isNotEqualTo(base);
            peft.save(folder.resolve("again"));
            peft.unload();
            assertThat(Toy.logits(model)).containsExactly(base);
            PeftModel.load(model, folder.resolve("again"), FakeMethod.ALONE);
            assertThat(Toy.logits(model)).containsExactly(adapted);
        }
    }

    @Test
    void otherWeightsUnderANameThatPeftDoesNotReadAreRefused() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            float[] base = Toy.logits(model);
            String name = PREFIX + QUERIES + "weight";
            float[] zeros = new float[matrix(model, QUERIES + "weight").length];
            save(model, FakeConfig.of("q_proj"), Toy.tensor(name, shape(model, QUERIES + "weight"), zeros));
            int live = model.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.load(model, saved(), FakeMethod.ALONE))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(saved().resolve(AdapterStore.WEIGHTS)
                            + " holds 1 weights of a base model that are not this one's and cannot be used with the adapter: "
                            + name
                            + "; use the base model that the adapter was trained on, or leave them out of the file");
            assertThat(Toy.logits(model)).containsExactly(base);
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void aTiedHeadFollowsItsEmbedding() throws IOException {
        Path changed = folder.resolve("changed");
        float[] expected;
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), true))) {
            save(model, FakeConfig.of("q_proj"), tensor(EMBEDDING, table(0.125f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            expected = Toy.logits(model);
            assertThat(peft.parameterReport().all()).isEqualTo(model.parameterCount() - 2 * Toy.WIDTH * 16);
            peft.saveMerged(changed);
            peft.unload();
        }
        try (Model<LanguageHead> model = Toy.load(changed)) {
            assertThat(model.anatomy().headIsTied()).isTrue();
            assertThat(values(model, "model.embed_tokens")).containsExactly(table(0.125f));
            assertThat(Toy.logits(model)).containsExactly(expected, Offset.offset(1e-5f));
        }
    }

    @Test
    void ofTwoTiedTablesTheHeadsCounts() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), true))) {
            save(model, FakeConfig.of("q_proj"), tensor(EMBEDDING, table(1)), tensor(HEAD, table(0.5f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")).get(EMBEDDING)).containsExactly(table(0.5f));
            assertThat(saved(folder.resolve("again")).get(HEAD)).containsExactly(table(0.5f));
        }
    }

    @Test
    void ofTwoTiedTablesTheHeadsMayBeTheModelsOwn() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), true))) {
            float[] base = Toy.logits(model);
            int live = model.scope().liveArrays();
            float[] own = values(model, "lm_head");
            save(model, FakeConfig.of("q_proj"), tensor(EMBEDDING, table(1)), tensor(HEAD, own));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(Toy.logits(model)).containsExactly(base);
            peft.unload();
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void anUntiedHeadIsItsOwn() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            save(model, FakeConfig.of("q_proj"), tensor(HEAD, table(0)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(Toy.logits(model)).containsOnly(0f);
            assertThat(peft.status().adapters().get(0).modules()).doesNotContainKey("lm_head");
        }
    }

    @Test
    void anAdapterOnTheEmbeddingWorksOnTheCarriedTable() throws IOException {
        Path merged = folder.resolve("merged");
        float[] expected;
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            FakeConfig config = FakeConfig.of("embed_tokens").withInitial(2);
            save(model, config, tensor(WRAPPED, table(0.25f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            expected = Toy.logits(model);
            peft.saveMerged(merged);
            assertThat(Toy.logits(model)).containsExactly(expected);
            peft.mergeActive();
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")).get(WRAPPED)).containsExactly(table(0.25f));
        }
        try (Model<LanguageHead> model = Toy.load(merged)) {
            assertThat(values(model, "model.embed_tokens")).containsExactly(table(0.5f));
            assertThat(Toy.logits(model)).containsExactly(expected, Offset.offset(1e-5f));
        }
    }

    @Test
    void anEmbeddingThatTheAdapterTrainsWholeIsNotCarried() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), true))) {
            FakeConfig config = FakeConfig.of("q_proj").saving("lm_head");
            save(model, config, tensor(EMBEDDING, table(0.125f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(BaseModules.of(model).inUse("lm_head")).isInstanceOf(TrainedCopy.class);
            assertThat(BaseModules.of(model).inUse("model.embed_tokens")).isNotNull();
            peft.save(folder.resolve("again"));
            assertThat(saved(folder.resolve("again")))
                    .containsOnlyKeys(saved(saved()).keySet());
        }
    }

    @Test
    void aShortModelComparesInItsOwnFormat() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false), Precision.BFLOAT16)) {
            float[] base = Toy.logits(model);
            save(model, FakeConfig.of("q_proj"), tensor(EMBEDDING, values(model, "model.embed_tokens")));
            PeftModel.load(model, saved(), FakeMethod.ALONE);
            assertThat(BaseModules.of(model).inUse("model.embed_tokens")).isNull();
            assertThat(Toy.logits(model)).containsExactly(base);
        }
    }

    @Test
    void twoAdaptersWithTablesOfTheirOwnCannotBeActiveTogether() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            save(model, FakeConfig.of("q_proj"), tensor(EMBEDDING, table(0.125f)));
            PeftModel<?> peft = PeftModel.load(model, saved(), FakeMethod.ALONE);
            float[] first = Toy.logits(model);
            peft.load(saved(), "b");
            assertThat(Toy.logits(model)).containsExactly(first);
            assertThatThrownBy(() -> peft.setActive("default", "b"))
                    .hasMessage(
                            "Only one adapter can be set at a time for model.embed_tokens: 'default' and 'b' each have"
                                    + " a copy of it of their own");
            peft.delete("default");
            assertThat(peft.active()).containsExactly("b");
            assertThat(Toy.logits(model)).containsExactly(first);
        }
    }

    @Test
    void aTableOfAnotherWidthIsRefused() throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            save(model, FakeConfig.of("q_proj"), Toy.tensor(EMBEDDING, List.of(33L, 17L), new float[33 * 17]));
            assertThatThrownBy(() -> PeftModel.load(model, saved(), FakeMethod.ALONE))
                    .hasMessage("the adapter in " + saved() + " does not fit the model (1 problem): " + EMBEDDING
                            + " has shape [33, 17], the model needs [32, 16]");
        }
    }
}
