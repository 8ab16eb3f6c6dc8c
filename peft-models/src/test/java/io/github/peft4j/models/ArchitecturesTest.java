package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.architecture.opt.OptConfig;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each architecture reads from its config beyond what golden cases show, and what it refuses. */
class ArchitecturesTest {

    private static final String LLAMA = "'model_type': 'llama', 'vocab_size': 7, 'intermediate_size': 5,"
            + " 'num_hidden_layers': 2, 'num_attention_heads': 4";
    private static final String QWEN2 = "'model_type': 'qwen2', 'vocab_size': 7, 'intermediate_size': 5,"
            + " 'num_hidden_layers': 2, 'num_attention_heads': 4, 'hidden_size': 8, 'num_key_value_heads': 4";
    private static final String GPT2 = "'model_type': 'gpt2', 'vocab_size': 7, 'n_layer': 2, 'n_head': 4";

    @TempDir
    Path folder;

    private static ModelConfig sizes(String text) throws CheckpointException {
        return Models.sizes(ConfigJson.parse("{" + text.replace('\'', '"') + "}", "config.json"));
    }

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> sizes(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("config.json: " + message);
    }

    @Test
    void llamaHasAsManyKeyValueHeadsAsHeadsUnlessItSaysSo() throws CheckpointException {
        assertThat(sizes(LLAMA + ", 'hidden_size': 8").keyValueHeads()).isEqualTo(4);
        assertThat(sizes(LLAMA + ", 'hidden_size': 8, 'num_key_value_heads': 2").keyValueHeads())
                .isEqualTo(2);
        assertThat(sizes(LLAMA + ", 'hidden_size': 8").maxPositions()).isEqualTo(2048);
    }

    @Test
    void llamaRefusesHeadsThatDoNotDivide() {
        assertRefused(
                LLAMA + ", 'hidden_size': 8, 'num_key_value_heads': 3",
                "num_attention_heads 4 is not a multiple of num_key_value_heads 3");
        assertRefused(
                LLAMA + ", 'hidden_size': 10",
                "hidden_size 10 is not a multiple of num_attention_heads 4, and there is no head_dim");
        assertRefused(LLAMA + ", 'hidden_size': 12", "rotary positions need an even head_dim, got 3");
    }

    @Test
    void mistralHasEightKeyValueHeadsUnlessItSaysOtherwise() throws CheckpointException {
        String mistral = LLAMA.replace("llama", "mistral").replace("heads': 4", "heads': 16") + ", 'hidden_size': 32";
        assertThat(sizes(mistral).keyValueHeads()).isEqualTo(8);
        assertThat(sizes(mistral + ", 'num_key_value_heads': null").keyValueHeads())
                .isEqualTo(16);
    }

    /** Those are Llama's keys; transformers' Mistral does not look at them. */
    @Test
    void mistralHasNoBiasesWhateverTheConfigSays() throws IOException {
        try (Golden golden = Golden.of("mistral")) {
            Path copy = golden.copy(
                    folder.resolve("biased"),
                    config -> config.put("mlp_bias", true).put("attention_bias", true));
            try (Model<LanguageHead> model = Models.load(copy, Device.cpu(), Precision.FLOAT32)) {
                assertThat(model.anatomy().linears()).noneMatch(Anatomy.LinearLayer::bias);
            }
        }
    }

    private static List<Integer> windows(String change) throws CheckpointException {
        return ((LlamaConfig) sizes(QWEN2 + change)).windows();
    }

    @Test
    void qwen2HasAWindowOnlyWhereItIsTurnedOn() throws CheckpointException {
        assertThat(windows("")).containsExactly(0, 0);
        assertThat(windows(", 'use_sliding_window': true, 'max_window_layers': 1"))
                .containsExactly(0, 4096);
        assertThat(windows(", 'use_sliding_window': true, 'max_window_layers': 0, 'sliding_window': null"))
                .containsExactly(0, 0);
        assertThat(windows(", 'layer_types': ['full_attention', 'full_attention']"))
                .containsExactly(0, 0);
    }

    @Test
    void qwen2RefusesLayerTypesThatDoNotFit() {
        assertRefused(
                QWEN2 + ", 'layer_types': ['full_attention']",
                "layer_types has 1 entries, expected num_hidden_layers, 2");
        assertRefused(
                QWEN2 + ", 'layer_types': ['full_attention', 'linear_attention']",
                "layer type \"linear_attention\" is not implemented; expected one of full_attention,"
                        + " sliding_attention");
        assertRefused(
                QWEN2 + ", 'layer_types': ['full_attention', 'sliding_attention']",
                "layer_types names sliding_attention, but use_sliding_window and sliding_window give no window");
        assertRefused(
                QWEN2 + ", 'use_sliding_window': true, 'max_window_layers': -1",
                "max_window_layers must be a whole number of at least 0, got -1");
    }

    @Test
    void gpt2RefusesWhatItCannotBe() throws CheckpointException {
        assertThat(sizes(GPT2 + ", 'n_embd': 8").maxPositions()).isEqualTo(1024);
        assertThat(sizes(GPT2 + ", 'n_embd': 8").feedForwardSize()).isEqualTo(32);
        assertRefused(GPT2 + ", 'n_embd': 10", "n_embd 10 is not a multiple of n_head 4");
        assertRefused(
                GPT2 + ", 'n_embd': 8, 'add_cross_attention': true",
                "add_cross_attention is not implemented, got true; only checkpoints without it load");
        assertThatThrownBy(() -> sizes(GPT2 + ", 'n_embd': 8, 'activation_function': 'tan'"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("config.json: unknown activation function \"tan\": expected one of [gelu,");
    }

    @Test
    void bloomTakesTheOlderNameOfItsWidthFirst() throws CheckpointException {
        String bloom = "'model_type': 'bloom', 'vocab_size': 7, 'n_layer': 2, 'n_head': 4, 'hidden_size': 64";
        assertThat(sizes(bloom + ", 'n_embed': 12").hiddenSize()).isEqualTo(12);
        assertRefused(
                bloom + ", 'n_embed': 10",
                "hidden_size 10 is not a multiple of n_head 4; it says n_embed = 10 and hidden_size = 64 for one setting,"
                        + " of which the first counts, as in transformers");
        assertThatThrownBy(() -> sizes("'model_type': 'bloom', 'vocab_size': 7"))
                .hasMessage("config.json lacks n_embed or hidden_size");
    }

    @Test
    void optReadsHowWideEmbeddingsAreAndWhereNormsStand() throws CheckpointException {
        String opt =
                "'model_type': 'opt', 'vocab_size': 7, 'num_hidden_layers': 2, 'num_attention_heads': 4, 'ffn_dim': 9";
        assertThat(sizes(opt + ", 'hidden_size': 8").embeddingSize()).isEqualTo(8);
        assertThat(sizes(opt + ", 'hidden_size': 8, 'word_embed_proj_dim': null")
                        .embeddingSize())
                .isEqualTo(8);
        assertThat(sizes(opt + ", 'hidden_size': 8, 'word_embed_proj_dim': 5").embeddingSize())
                .isEqualTo(5);
        OptConfig behind = (OptConfig) sizes(opt + ", 'hidden_size': 8, 'do_layer_norm_before': false");
        assertThat(behind.finalNorm()).isFalse();
        assertThat(behind.paddingToken()).isEqualTo(1);
        assertThat(((OptConfig) sizes(opt + ", 'hidden_size': 8, 'pad_token_id': null")).paddingToken())
                .isNull();
        assertRefused(opt + ", 'hidden_size': 10", "hidden_size 10 is not a multiple of num_attention_heads 4");
        assertThatThrownBy(() -> sizes(opt)).hasMessage("config.json lacks hidden_size");
    }

    /** Two rows of the table are of no token, so it has as many as positions and two more. */
    @Test
    void optTakesAsManyTokensAsItsConfigSays() throws IOException {
        try (Golden golden = Golden.of("opt");
                Model<LanguageHead> model = Models.load(golden.folder(), Device.cpu(), null);
                Scope scope = model.scope().child()) {
            model.logits(scope, ModelInput.of(List.of(new int[64]))).close();
            assertThatThrownBy(() -> model.logits(scope, ModelInput.of(List.of(new int[65]))))
                    .hasMessage("a row has 65 positions, but opt has a table of 64: shorten the rows");
        }
    }

    /** Written as path below the block, bias or not, and the key of the config that decides. */
    @ParameterizedTest
    @CsvSource({
        "llama, self_attn.q_proj - attention_bias",
        "llama, mlp.down_proj - mlp_bias",
        "llama-biased, self_attn.o_proj + attention_bias",
        "llama-biased, mlp.gate_proj + mlp_bias",
        "mistral, self_attn.q_proj - null",
        "qwen2, self_attn.k_proj + null",
        "qwen2, self_attn.o_proj - null",
        "gpt2, attn.c_attn + null",
        "bloom, mlp.dense_4h_to_h + null",
        "opt, self_attn.out_proj + enable_bias",
        "opt, fc1 + enable_bias"
    })
    void saysWhichBiasesACheckpointCanHold(String name, String expected) throws IOException {
        try (Golden golden = Golden.of(name);
                Model<LanguageHead> model = Models.load(golden.folder(), Device.cpu(), null)) {
            Anatomy.Block block = model.anatomy().blocks().get(1);
            assertThat(block.linears())
                    .extracting(layer -> layer.path().substring(block.path().length() + 1)
                            + (layer.bias() ? " + " : " - ")
                            + layer.biasKey())
                    .contains(expected);
        }
    }
}
