package io.github.peft4j.models.internal.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose token tables were exchanged for others of another size. */
class TokenTablesTest {

    private static Map<String, Module> layers(Model<?> model) {
        Map<String, Module> layers = new LinkedHashMap<>();
        model.tokenTables().forEach(path -> layers.put(path, model.at(path)));
        return layers;
    }

    private static Model<LanguageHead> load(Golden golden) {
        try {
            return Models.load(golden.folder(), Device.cpu(), Precision.FLOAT32);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Puts the checkpoint's own rows into tables with more, followed by the first ones again. */
    private static void enlarge(Model<LanguageHead> model, int rows) {
        Map<String, Module> old = layers(model);
        TokenTables.ofRows(old, rows).forEach((path, layer) -> {
            Weight before = old.get(path).ownWeights().get("weight");
            Weight table = layer.ownWeights().get("weight");
            float[] values = model.scope().kernels().toFloats(before.array());
            int width = (int) before.shape().get(1);
            float[] more = Arrays.copyOf(values, rows * width);
            System.arraycopy(values, 0, more, values.length, more.length - values.length);
            table.replace(model.scope().floats(more, rows, width));
            model.replace(path, module -> layer);
        });
    }

    private static float[] logits(Model<LanguageHead> model, int... ids) {
        try (Scope scope = model.scope().child()) {
            NDArray logits = model.logits(scope, ModelInput.of(List.of(ids)));
            return scope.kernels().toFloats(logits);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "gpt2", "bloom"})
    void tablesOfAnotherSizeTakeNoMemoryAndTiedOnesStayOne(String name) throws IOException {
        try (Golden golden = Golden.of(name);
                Model<LanguageHead> model = load(golden)) {
            int live = model.scope().liveArrays();
            Map<String, Module> tables = TokenTables.ofRows(layers(model), 1_000_000_000);
            assertThat(tables.keySet())
                    .containsExactly(
                            model.anatomy().inputEmbedding(), model.anatomy().head());
            List<Weight> weights = tables.values().stream()
                    .map(layer -> layer.ownWeights().get("weight"))
                    .toList();
            assertThat(weights.get(0) == weights.get(1))
                    .isEqualTo(model.anatomy().headIsTied());
            assertThat(weights).allMatch(weight -> weight.shape().get(0) == 1_000_000_000);
            assertThat(weights)
                    .allMatch(weight -> weight.shape().get(1) == model.config().hiddenSize());
            assertThat(model.scope().liveArrays()).isEqualTo(live + (weights.get(0) == weights.get(1) ? 1 : 2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen2", "gpt2", "bloom"})
    void theModelHasTheTokensOfTheTablesThatAreInUse(String name) throws IOException {
        try (Golden golden = Golden.of(name);
                Model<LanguageHead> model = load(golden)) {
            int own = model.config().vocabSize();
            assertThat(model.vocabSize()).isEqualTo(own);
            float[] before = logits(model, 3, 1, 5);
            assertThatThrownBy(() -> logits(model, own)).hasMessageContaining("is not in the vocabulary of " + own);
            enlarge(model, own + 4);
            assertThat(model.vocabSize()).isEqualTo(own + 4);
            float[] after = logits(model, 3, own + 1, 5);
            assertThat(after).hasSize(3 * (own + 4));
            for (int token = 0; token < 3; token++) {
                int start = token * (own + 4);
                assertThat(Arrays.copyOfRange(after, start, start + own))
                        .containsExactly(Arrays.copyOfRange(before, token * own, (token + 1) * own));
                assertThat(Arrays.copyOfRange(after, start + own, start + own + 4))
                        .containsExactly(Arrays.copyOfRange(before, token * own, token * own + 4));
            }
            assertThatThrownBy(() -> logits(model, own + 4))
                    .hasMessageContaining("is not in the vocabulary of " + (own + 4));
        }
    }

    @Test
    void newTokensAreLearntAndChosen() throws IOException, InterruptedException {
        try (Golden golden = Golden.of("qwen2");
                Model<LanguageHead> model = load(golden)) {
            int own = model.config().vocabSize();
            Batch rows = Batch.of(List.of(new int[] {1, own}), List.of(new int[] {1, own}));
            try (Forward pass = Forward.inference(model.scope())) {
                assertThatThrownBy(() -> model.head().objective().loss(pass, model, rows, 1))
                        .hasMessageContaining("vocabulary of " + own);
            }
            enlarge(model, own + 1);
            try (Forward pass = Forward.inference(model.scope())) {
                assertThat(model.head().objective().loss(pass, model, rows, 1)).isPositive();
            }
            GenerationConfig greedy = GenerationConfig.builder()
                    .greedy(true)
                    .maxNewTokens(3)
                    .minNewTokens(2)
                    .eosTokenIds(List.of(own, own + 7))
                    .build();
            int[] made = new Generator(model, greedy)
                    .generate(List.of(new int[] {own}))
                    .get(0)
                    .ids();
            assertThat(made).hasSizeGreaterThanOrEqualTo(2);
            assertThatThrownBy(() -> new Generator(model, greedy).generate(List.of(new int[] {own + 1})))
                    .hasMessageContaining("not in the vocabulary of " + (own + 1));
        }
    }
}
