package io.github.peft4j.models.internal.architecture.modernbert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.EncoderContract;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.attention.internal.RotaryScaling;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModernBertTest extends EncoderContract {

    private static final LoadOptions CPU = LoadOptions.on(Device.cpu());
    private static final String SIZES =
            "'model_type': 'modernbert', 'vocab_size': 40, 'hidden_size': 8, 'intermediate_size': 6,"
                    + " 'num_hidden_layers': 4, 'num_attention_heads': 2";

    /** One by the root of the width is what is left of a normal deviation where nothing is beyond two of it: 0.88. */
    ModernBertTest() {
        super("modernbert", 0.88 / 4);
    }

    private static ModernBertConfig config(String more) throws CheckpointException {
        return ModernBertConfig.of(ConfigJson.parse("{" + (SIZES + more).replace('\'', '"') + "}", "config.json"));
    }

    private static List<Integer> windows(String more) throws CheckpointException {
        return config(more).blocks().stream()
                .map(ModernBertConfig.Block::window)
                .toList();
    }

    /** Old keys, another share of layers with a window, every bias but the output layer's. */
    @Test
    void readsTheFirstCheckpointsSettingsAndBiases() throws CheckpointException {
        try (Golden golden = Golden.encoder("modernbert-old-masked");
                Model<MaskedHead> model = Models.load(golden.folder(), CPU, MaskedHead.class)) {
            assertThat(model.head().newLayers()).isEmpty();
            assertThat(model.weightsByPath())
                    .containsKeys("model.embeddings.norm.bias", "model.layers.1.attn.Wqkv.bias", "head.norm.bias")
                    .doesNotContainKey("decoder.bias");
            assertThat(model.anatomy().headIsTied()).isTrue();
        }
        outputsAreTransformersOfRowsEndToEndAndAlone("old-masked");
        lossAndAllGradientsAreTransformers("old-masked");
    }

    @Test
    void readsABackboneWithoutItsNameAndDrawsAHeadAsTransformersDoes() throws CheckpointException {
        try (Golden golden = Golden.encoder("modernbert-bare-features")) {
            try (Model<EmbeddingHead> model = Models.load(golden.folder(), CPU, EmbeddingHead.class)) {
                assertThat(model.head().newLayers()).isEmpty();
                assertThat(model.anatomy().inputEmbedding()).isEqualTo("embeddings.tok_embeddings");
                assertOutputs(golden, model);
            }
            try (Model<SequenceHead> model = Models.load(golden.folder(), CPU, SequenceHead.class)) {
                assertThat(model.head().newLayers()).containsExactly("head.dense", "head.norm", "classifier");
                // initializer_range over the root of twice the layers, of which there is one, and nothing beyond two of
                // that.
                assertDrawn(model.weightsByPath().get("head.dense.weight"), 0.02 / Math.sqrt(2));
                assertDrawn(model.weightsByPath().get("classifier.weight"), 1 / Math.sqrt(16));
            }
        }
    }

    private static void assertDrawn(Weight weight, double normal) {
        double squares = 0;
        float[] values = weight.array().toFloatArray();
        for (float value : values) {
            assertThat(Math.abs((double) value)).isLessThanOrEqualTo(2 * normal * (1 + 1e-6));
            squares += (double) value * value;
        }
        assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.88 * normal, within(0.25 * normal));
    }

    @Test
    void classifiesTheMeanOfAllTokensWhereTheConfigSaysSo() throws CheckpointException {
        outputsAreTransformersOfRowsEndToEndAndAlone("mean-sequence");
        lossAndAllGradientsAreTransformers("mean-sequence");
        virtualTokensStandBeforeRowsAsTokensOfTheFirstType("mean-sequence");
    }

    @Test
    void hasAWindowOfHalfToEachSideInMostLayers() throws CheckpointException {
        assertThat(windows("")).containsExactly(0, 65, 65, 0);
        assertThat(windows(", 'local_attention': 7, 'global_attn_every_n_layers': 2"))
                .containsExactly(0, 4, 0, 4);
        assertThat(windows(", 'local_attention': 0, 'global_attn_every_n_layers': 1"))
                .containsExactly(0, 0, 0, 0);
        assertThat(windows(", 'local_attention': 0")).containsExactly(0, 1, 1, 0);
        assertThat(windows(", 'sliding_window': 5")).containsExactly(0, 6, 6, 0);
        String full = "'full_attention'";
        String near = "'sliding_attention'";
        assertThat(windows(", 'layer_types': [" + String.join(",", near, near, full, near) + "]"))
                .containsExactly(65, 65, 0, 65);
    }

    @Test
    void turnsEachKindOfLayersByABaseOfItsOwn() throws CheckpointException {
        assertThat(config("").blocks().stream().map(block -> block.rotary().theta()))
                .containsExactly(160_000.0, 10_000.0, 10_000.0, 160_000.0);
        assertThat(config(", 'global_rope_theta': 5, 'local_rope_theta': 7").blocks())
                .extracting(block -> block.rotary().theta())
                .containsExactly(5.0, 7.0, 7.0, 5.0);
        RotaryConfig linear = new RotaryConfig(3, new RotaryScaling.Linear(2));
        assertThat(config(
                                ", 'rope_parameters': {'full_attention': {'rope_type': 'linear', 'factor': 2, 'rope_theta': 3}}")
                        .blocks())
                .extracting(ModernBertConfig.Block::rotary)
                .startsWith(linear)
                .element(1)
                .extracting(RotaryConfig::theta)
                .isEqualTo(10_000.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'classifier_pooling': 'max'|classifier_pooling must be cls or mean, got \"max\"",
                "'num_attention_heads': 3|hidden_size 8 is not a multiple of num_attention_heads 3",
                "'num_attention_heads': 8|rotary positions need an even head_dim, got 1",
                "'local_attention': -1|local_attention must be a whole number of at least 0, got -1",
                "'global_attn_every_n_layers': 0|global_attn_every_n_layers must be a positive whole number, got 0",
                "'initializer_cutoff_factor': 0|initializer_cutoff_factor must be a number above 0, got 0",
                "'rope_parameters': {'rope_type': 'linear', 'factor': 2}|rope_type is not implemented, got \"linear\";"
                        + " only checkpoints without it load",
                "'rope_scaling': {'rope_type': 'linear', 'factor': 2}, 'rope_parameters': {'full_attention': {}}|"
                        + "config.json has both rope_scaling and rope_parameters for full_attention: leave one out"
            })
    void refusesSettingsThatMeanNothing(String change, String message) {
        assertThatThrownBy(() -> config(", " + change))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(message);
    }
}
