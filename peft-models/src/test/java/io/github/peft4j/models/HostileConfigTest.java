package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.ModelSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes that no model has, and values that are meant for the terminal. */
class HostileConfigTest {

    private static final List<String> LLAMA_SIZES = List.of(
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim");

    @TempDir
    Path folder;

    static Stream<Arguments> sizes() {
        return Stream.of(
                        Stream.of("llama", "mistral", "qwen2")
                                .flatMap(name -> LLAMA_SIZES.stream().map(key -> Arguments.of(name, key))),
                        Stream.of("vocab_size", "n_embd", "n_inner", "n_layer", "n_head")
                                .map(key -> Arguments.of("gpt2", key)),
                        Stream.of("vocab_size", "hidden_size", "n_layer", "n_head")
                                .map(key -> Arguments.of("bloom", key)),
                        Stream.of(
                                        "vocab_size",
                                        "hidden_size",
                                        "word_embed_proj_dim",
                                        "ffn_dim",
                                        "num_hidden_layers",
                                        "num_attention_heads")
                                .map(key -> Arguments.of("opt", key)))
                .flatMap(part -> part);
    }

    private Path changed(String name, String key, long value) throws IOException {
        try (Golden golden = Golden.of(name)) {
            return golden.copy(folder.resolve("changed"), config -> {
                config.put(key, value);
                // As long as there are layers, so it would be the list that is wrong.
                config.remove("layer_types");
            });
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("sizes")
    void aSizeBeyondAnyModelsIsRefusedWithItsBound(String name, String key) throws IOException {
        Path checkpoint = changed(name, key, Integer.MAX_VALUE - 1);
        String message = checkpoint.resolve("config.json") + ": " + key + " must be at most ";
        assertThatThrownBy(() -> Models.load(checkpoint, Device.cpu(), null))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(message)
                .hasMessageEndingWith(", got 2147483646");
        assertThatThrownBy(() -> Models.sizes(ConfigJson.read(checkpoint)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(message);
    }

    /** The most blocks that a config may name, for a checkpoint of two. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "llama, num_hidden_layers, model.layers.2.input_layernorm.weight",
        "mistral, num_hidden_layers, model.layers.2.input_layernorm.weight",
        "qwen2, num_hidden_layers, model.layers.2.input_layernorm.weight",
        "gpt2, n_layer, transformer.h.2.ln_1.weight",
        "bloom, n_layer, transformer.h.2.input_layernorm.weight",
        "opt, num_hidden_layers, model.decoder.layers.2.self_attn.q_proj.weight"
    })
    void manyMissingBlocksEndTheBuilding(String name, String key, String missing) throws IOException {
        Path checkpoint = changed(name, key, ModelSize.LAYERS.largest());
        try (Scope any = Scope.open(Device.cpu())) {
            int before = LiveArrays.count(any);
            assertThatThrownBy(() -> Models.load(checkpoint, Device.cpu(), null))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(
                            checkpoint + " does not fit its config.json (200 problems and more): missing " + missing)
                    .hasMessageEndingWith("; and 180 more");
            assertThat(LiveArrays.count(any)).isEqualTo(before);
        }
    }

    @Test
    void valuesAreQuotedOnOneLineAndShortened() throws IOException {
        try (Golden golden = Golden.of("llama")) {
            Path checkpoint = golden.copy(
                    folder.resolve("changed"),
                    config -> config.put("hidden_act", "\u001b[31m\n" + "x".repeat(1 << 20)));
            assertThatThrownBy(() -> Models.load(checkpoint, Device.cpu(), Precision.FLOAT32))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("\\u001b[31m")
                    .satisfies(e -> assertThat(e.getMessage())
                            .hasSizeLessThanOrEqualTo(Printable.LONGEST_MESSAGE)
                            .doesNotContain("\u001b", "\n"));
        }
    }
}
