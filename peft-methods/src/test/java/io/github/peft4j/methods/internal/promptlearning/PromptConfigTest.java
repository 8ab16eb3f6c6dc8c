package io.github.peft4j.methods.internal.promptlearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.methods.ptuning.PTuningConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The configs of prompt methods, read and written. */
class PromptConfigTest {

    private static PeftConfig read(String type, Map<String, Object> values) {
        Map<String, Object> all = new HashMap<>(Map.of("num_virtual_tokens", 4));
        all.putAll(values);
        return PeftMethods.discovered().byType(type).schema().read(all, "some.json");
    }

    @ParameterizedTest
    @CsvSource({"prompt, PROMPT_TUNING", "encoder, P_TUNING", "prefix, PREFIX_TUNING"})
    void whatIsNotGivenHasPythonsDefaults(String file, String type) throws IOException {
        Path path = GoldenPrompt.ROOT.resolve("defaults").resolve(file + ".json");
        PeftConfig read = AdapterStore.readConfig(path, PeftMethods.discovered());
        assertThat(AdapterStore.json(read).replace("\"inference_mode\": true", "\"inference_mode\": false"))
                .isEqualTo(Files.readString(path));
        PeftConfig bare = read(type, Map.of("task_type", "CAUSAL_LM"));
        Map<String, Object> expected = new HashMap<>(read.settings());
        expected.put("num_virtual_tokens", 4);
        assertThat(bare.settings()).isEqualTo(expected);
    }

    @Test
    void builtSettingsAreThoseRead() {
        assertThat(read(
                                "PROMPT_TUNING",
                                Map.of(
                                        "task_type",
                                        "CAUSAL_LM",
                                        "prompt_tuning_init",
                                        "TEXT",
                                        "prompt_tuning_init_text",
                                        "a b",
                                        "tokenizer_name_or_path",
                                        "./t",
                                        "tokenizer_kwargs",
                                        Map.of("use_fast", true),
                                        "modules_to_save",
                                        "lm_head"))
                        .withCommon(CommonSettings.forModel()))
                .isEqualTo(PromptTuningConfig.builder(4)
                        .text("a b", "./t")
                        .set(PromptTuningConfig.TOKENIZER_KWARGS, Map.of("use_fast", true))
                        .modulesToSave("lm_head")
                        .build());
        assertThat(read(
                                "P_TUNING",
                                Map.of(
                                        "task_type",
                                        "CAUSAL_LM",
                                        "encoder_reparameterization_type",
                                        "lstm",
                                        "encoder_hidden_size",
                                        7,
                                        "encoder_num_layers",
                                        3,
                                        "encoder_dropout",
                                        0.25,
                                        "modules_to_save",
                                        "lm_head"))
                        .withCommon(CommonSettings.forModel()))
                .isEqualTo(PTuningConfig.builder(4)
                        .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                        .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 7)
                        .set(PTuningConfig.ENCODER_NUM_LAYERS, 3)
                        .set(PTuningConfig.ENCODER_DROPOUT, 0.25)
                        .modulesToSave("lm_head")
                        .build());
        assertThat(read(
                                "PREFIX_TUNING",
                                Map.of(
                                        "task_type",
                                        "CAUSAL_LM",
                                        "init_weights",
                                        "zero",
                                        "encoder_hidden_size",
                                        7,
                                        "prefix_projection",
                                        true,
                                        "legacy_bloom_layout",
                                        true))
                        .withCommon(CommonSettings.forModel()))
                .isEqualTo(PrefixTuningConfig.builder(4)
                        .set(PrefixTuningConfig.INIT_WEIGHTS, "zero")
                        .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, 7)
                        .set(PrefixTuningConfig.PREFIX_PROJECTION, true)
                        .set(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT, true)
                        .build());
    }

    @Test
    void aChangedCopyKeepsTheRest() {
        PrefixTuningConfig config = PrefixTuningConfig.builder(2)
                .set(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT, true)
                .build();
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.settings()).containsEntry("legacy_bloom_layout", true);
        assertThat(config.toBuilder()
                        .set(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT, false)
                        .build()
                        .settings())
                .doesNotContainKey("legacy_bloom_layout");
        PromptTuningConfig text = PromptTuningConfig.builder(2).text("a", "b").build();
        assertThat(text.withCommon(text.common().withBaseModel("x")).common().baseModel())
                .isEqualTo("x");
        assertThat(text.toBuilder().build()).isEqualTo(text);
        assertThat(text.toBuilder()
                        .set(PromptTuningConfig.PROMPT_TUNING_INIT, PromptTuningConfig.Init.RANDOM)
                        .build()
                        .get(PromptTuningConfig.PROMPT_TUNING_INIT_TEXT))
                .isEqualTo("a");
    }

    /** Settings that are wrong, and what is said, in Hugging Face PEFT's words where it has some. */
    static Stream<Arguments> wrong() {
        Map<String, Object> none = new HashMap<>();
        none.put("num_virtual_tokens", null);
        return Stream.of(
                Arguments.of(
                        "PROMPT_TUNING", none, "num_virtual_tokens must be at least 1, got null: it has no default"),
                Arguments.of(
                        "P_TUNING", Map.of("num_virtual_tokens", -3), "num_virtual_tokens must be at least 1, got -3"),
                Arguments.of(
                        "PREFIX_TUNING",
                        Map.of("num_virtual_tokens", "many"),
                        "num_virtual_tokens must be a whole number, got \"many\""),
                Arguments.of(
                        "PROMPT_TUNING",
                        Map.of("prompt_tuning_init", "GUESS"),
                        "prompt_tuning_init must be one of [TEXT, SAMPLE_VOCAB, RANDOM], got \"GUESS\""),
                Arguments.of(
                        "PROMPT_TUNING",
                        Map.of("prompt_tuning_init", "TEXT", "prompt_tuning_init_text", "a"),
                        "When prompt_tuning_init='TEXT', tokenizer_name_or_path can't be None."),
                Arguments.of(
                        "PROMPT_TUNING",
                        Map.of(
                                "prompt_tuning_init",
                                "TEXT",
                                "prompt_tuning_init_text",
                                "a",
                                "tokenizer_name_or_path",
                                ""),
                        "When prompt_tuning_init='TEXT', tokenizer_name_or_path can't be empty."),
                Arguments.of(
                        "PROMPT_TUNING",
                        Map.of("prompt_tuning_init", "TEXT", "tokenizer_name_or_path", "a"),
                        "When prompt_tuning_init='TEXT', prompt_tuning_init_text can't be None."),
                Arguments.of(
                        "PROMPT_TUNING",
                        Map.of("tokenizer_kwargs", Map.of("use_fast", false)),
                        "tokenizer_kwargs only valid when using prompt_tuning_init='TEXT'."),
                Arguments.of(
                        "P_TUNING",
                        Map.of("encoder_reparameterization_type", "GRU"),
                        "Prompt encoder type not recognized. Please use one of MLP (recommended) or LSTM. Got"
                                + " encoder_reparameterization_type=GRU"),
                Arguments.of(
                        "P_TUNING", Map.of("encoder_hidden_size", 0), "encoder_hidden_size must be at least 1, got 0"),
                Arguments.of(
                        "P_TUNING", Map.of("encoder_num_layers", 0), "encoder_num_layers must be at least 1, got 0"),
                Arguments.of(
                        "P_TUNING",
                        Map.of("encoder_dropout", 1.0),
                        "encoder_dropout must be at least 0 and below 1, got 1.0"),
                Arguments.of(
                        "PREFIX_TUNING", Map.of("init_weights", "one"), "init_weights must be zero or null, got one"),
                Arguments.of(
                        "PREFIX_TUNING",
                        Map.of("encoder_hidden_size", -1),
                        "encoder_hidden_size must be at least 1, got -1"),
                Arguments.of("PREFIX_TUNING", Map.of("prefix_projection", "maybe"), "prefix_projection must be"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("wrong")
    void settingsThatAreWrongAreRefused(String type, Map<String, Object> values, String message) {
        assertThatThrownBy(() -> read(type, values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(some.json)");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(
                        () -> read("P_TUNING", Map.of("num_virtual_tokens", 0, "encoder_reparameterization_type", "x")))
                .hasMessageContainingAll("num_virtual_tokens", "Prompt encoder type not recognized");
        assertThatThrownBy(() -> PTuningConfig.builder(1)
                        .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 0)
                        .set(PTuningConfig.ENCODER_NUM_LAYERS, 0)
                        .set(PTuningConfig.ENCODER_DROPOUT, -1.0)
                        .build())
                .hasMessage(
                        "encoder_hidden_size must be at least 1, got 0; encoder_num_layers must be at least 1, got 0;"
                                + " encoder_dropout must be at least 0 and below 1, got -1.0");
    }

    /** As configs have them that were written with {@code str}; PEFT loads such adapters. */
    @Test
    void constantsAsPythonShowsThemAreRead() {
        Map<String, Object> text = Map.of(
                "prompt_tuning_init", "PromptTuningInit.TEXT",
                "prompt_tuning_init_text", "a b",
                "tokenizer_name_or_path", "./t",
                "task_type", "TaskType.CAUSAL_LM");
        assertThat(read("PROMPT_TUNING", text).common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(read("PROMPT_TUNING", text).withCommon(CommonSettings.forModel()))
                .isEqualTo(PromptTuningConfig.builder(4).text("a b", "./t").build());
        assertThat(read(
                                "P_TUNING",
                                Map.of("encoder_reparameterization_type", "PromptEncoderReparameterizationType.LSTM"))
                        .settings())
                .containsEntry("encoder_reparameterization_type", "LSTM");
    }

    @Test
    void keysOfOlderVersionsAreKept() {
        Map<String, Object> values = new HashMap<>();
        values.put("postprocess_past_key_value_function", null);
        assertThat(AdapterStore.json(read("PREFIX_TUNING", values)))
                .contains("\"postprocess_past_key_value_function\": null");
    }
}
