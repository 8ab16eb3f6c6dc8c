package io.github.peft4j.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationConfigTest {

    @TempDir
    Path folder;

    private GenerationConfig read(String json) throws IOException {
        return builder(json).build();
    }

    private GenerationConfig.Builder builder(String json) throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), json);
        return GenerationConfig.builder(folder);
    }

    // ---- the builder

    @Test
    void defaultsAreThoseOfTransformers() {
        assertThat(GenerationConfig.builder().build())
                .isEqualTo(new GenerationConfig(
                        GenerationConfig.DEFAULT_MAX_NEW_TOKENS,
                        GenerationConfig.NO_LENGTH,
                        0,
                        true,
                        1,
                        GenerationConfig.DEFAULT_TOP_K,
                        1,
                        1,
                        false,
                        List.of(),
                        GenerationConfig.NO_TOKEN,
                        0));
    }

    @Test
    void keepsWhatIsSet() {
        GenerationConfig config = GenerationConfig.builder()
                .maxNewTokens(9)
                .minNewTokens(3)
                .temperature(0.5)
                .topK(4)
                .topP(0.25)
                .repetitionPenalty(1.5)
                .ignoreEos(true)
                .eosTokenIds(List.of(7, 8))
                .bosTokenId(5)
                .seed(42)
                .build();
        assertThat(config)
                .isEqualTo(new GenerationConfig(
                        9, GenerationConfig.NO_LENGTH, 3, false, 0.5, 4, 0.25, 1.5, true, List.of(7, 8), 5, 42));
    }

    static Stream<Consumer<GenerationConfig.Builder>> drawing() {
        return Stream.of(b -> b.temperature(1), b -> b.topK(50), b -> b.topP(1));
    }

    @ParameterizedTest
    @MethodSource("drawing")
    void whatOnlyDrawingUsesAsksForDrawing(Consumer<GenerationConfig.Builder> setting) {
        GenerationConfig.Builder builder = GenerationConfig.builder();
        setting.accept(builder);
        assertThat(builder.build().greedy()).isFalse();
        assertThat(builder.greedy(true).build().greedy()).isTrue();
        setting.accept(builder);
        assertThat(builder.build().greedy()).isTrue();
    }

    private static Arguments wrong(Consumer<GenerationConfig.Builder> setting, String message) {
        return Arguments.of(setting, message);
    }

    static Stream<Arguments> outOfRange() {
        String temperature = "temperature must be above 0 (for the likeliest token each time, ask for greedy), got ";
        return Stream.of(
                wrong(b -> b.maxNewTokens(0), "max_new_tokens must be at least 1, got 0"),
                wrong(b -> b.maxLength(1), "max_length must be at least 2, the prompt's tokens included, got 1"),
                wrong(
                        b -> b.maxLength(9).maxNewTokens(3),
                        "max_length and max_new_tokens exclude each other: the one counts the prompt in, the other does not"),
                wrong(b -> b.minNewTokens(-1), "min_new_tokens must be at least 0, got -1"),
                wrong(b -> b.maxNewTokens(5).minNewTokens(6), "min_new_tokens must be at most max_new_tokens 5, got 6"),
                wrong(b -> b.temperature(0), temperature + "0.0"),
                wrong(b -> b.temperature(Double.NaN), temperature + "NaN"),
                wrong(b -> b.temperature(Double.POSITIVE_INFINITY), temperature + "Infinity"),
                wrong(b -> b.topK(-1), "top_k must be at least 0 (0: all tokens), got -1"),
                wrong(b -> b.topP(-0.1), "top_p must be between 0 and 1 (1: all tokens), got -0.1"),
                wrong(b -> b.topP(1.1), "top_p must be between 0 and 1 (1: all tokens), got 1.1"),
                wrong(b -> b.repetitionPenalty(0), "repetition_penalty must be above 0 (1: none), got 0.0"),
                wrong(
                        b -> b.repetitionPenalty(Double.POSITIVE_INFINITY),
                        "repetition_penalty must be above 0 (1: none), got Infinity"),
                wrong(b -> b.eosTokenIds(List.of(3, -2)), "eos_token_id must be at least 0, got -2"),
                wrong(b -> b.bosTokenId(-2), "bos_token_id must be at least 0, or -1 for none, got -2"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("outOfRange")
    void refusesValuesOutOfRange(Consumer<GenerationConfig.Builder> setting, String message) {
        GenerationConfig.Builder builder = GenerationConfig.builder();
        setting.accept(builder);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    // ---- a checkpoint's file

    @Test
    void readsWhatACheckpointSays() throws IOException {
        String json = """
                {"max_new_tokens": 30, "min_new_tokens": 2, "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.9,
                 "repetition_penalty": 1.05, "eos_token_id": [5, 6], "bos_token_id": 1, "pad_token_id": 0, "max_length": 4096,
                 "num_beams": 1, "typical_p": 1.0, "min_p": null, "no_repeat_ngram_size": 0, "suppress_tokens": [],
                 "remove_invalid_values": false, "transformers_version": "5.23.0"}""";
        assertThat(read(json))
                .isEqualTo(new GenerationConfig(
                        30, GenerationConfig.NO_LENGTH, 2, false, 0.6, 20, 0.9, 1.05, false, List.of(5, 6), 1, 0));
    }

    @Test
    void readsOneTokenThatEndsATextAsWellAsSeveral() throws IOException {
        assertThat(read("{\"eos_token_id\": 2}").eosTokenIds()).containsExactly(2);
        assertThat(read("{\"eos_token_id\": null}").eosTokenIds()).isEmpty();
        assertThat(read("{\"eos_token_id\": -1}").eosTokenIds()).isEmpty();
    }

    @Test
    void theCheckpointDecidesWhetherToDrawUntilTheCallerDoes() throws IOException {
        String drawing = "{\"do_sample\": true, \"temperature\": 0.6}";
        String greedy = "{\"do_sample\": false, \"temperature\": 0.6}";
        assertThat(builder(drawing).build().greedy()).isFalse();
        assertThat(builder(drawing).greedy(true).build().greedy()).isTrue();
        assertThat(builder(greedy).build().greedy()).isTrue();
        assertThat(builder(greedy).topK(3).build().greedy()).isFalse();
        assertThat(builder(greedy).topK(3).build().temperature()).isEqualTo(0.6);
    }

    @Test
    void withoutTheFileTheModelsConfigSpeaks() throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"gpt2\", \"eos_token_id\": 7, \"bos_token_id\": 3, \"do_sample\": true}");
        GenerationConfig config = GenerationConfig.builder(folder).build();
        assertThat(config.eosTokenIds()).containsExactly(7);
        assertThat(config.bosTokenId()).isEqualTo(3);
        assertThat(config.greedy()).isFalse();
    }

    @Test
    void keysThatTransformersDoesNotKnowHaveNoEffect() throws IOException {
        assertThat(read("{\"chat_format\": \"chatml\", \"eos_token_id\": 4}").eosTokenIds())
                .containsExactly(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num_beams | 4 | : remove it or set it to 1",
                "num_return_sequences | 2 | : remove it or set it to 1",
                "no_repeat_ngram_size | 3 | : remove it or set it to 0",
                "min_length | 10 | : remove it or set it to 0",
                "suppress_tokens | [5] | : remove it",
                "forced_bos_token_id | 0 | : remove it",
                "stop_strings | \"END\" | : remove it",
                "remove_invalid_values | true | : remove it",
                "watermarking_config | {\"bias\": 2.0} | : remove it",
            })
    void refusesByNameWhatIsNotImplemented(String key, String value, String remedy) {
        assertThatThrownBy(() -> read("{\"" + key + "\": " + value + "}"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(folder.resolve("generation_config.json") + " sets " + key + " to " + value
                        + ", which is not implemented" + remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{"})
    void refusesDamagedFiles(String json) {
        assertThatThrownBy(() -> builder(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("generation_config.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "temperature | \"hot\" | a number",
                "temperature | 0 | above 0 where tokens are drawn (for the likeliest token each time, ask for greedy)",
                "temperature | 0.0 | above 0 where tokens are drawn (for the likeliest token each time, ask for greedy)",
                "temperature | -1 | above 0 where tokens are drawn (for the likeliest token each time, ask for greedy)",
                "temperature | NaN | above 0 where tokens are drawn (for the likeliest token each time, ask for greedy)",
                "top_k | -1 | at least 0 where tokens are drawn (0: all tokens)",
                "top_k | 1.5 | a whole number",
                "top_p | -0.5 | at least 0 where tokens are drawn (1: all tokens)",
                "top_p | [1] | a number",
            })
    void valuesThatOnlyDrawingUsesAreLookedAtWhereTokensAreDrawn(String key, String value, String expected)
            throws IOException {
        String drawing = "{\"do_sample\": true, \"" + key + "\": " + value + "}";
        String greedy = drawing.replace("true", "false");
        GenerationConfig plain = GenerationConfig.builder().build();
        assertThat(read(greedy)).isEqualTo(plain);
        assertThat(builder(drawing).greedy(true).build()).isEqualTo(plain);
        GenerationConfig.Builder overridden =
                builder(drawing).temperature(0.5).topK(3).topP(0.25);
        assertThat(overridden.build().topK()).isEqualTo(3);
        assertThatThrownBy(() -> read(drawing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder.resolve("generation_config.json") + ": " + key + " must be " + expected + ", got "
                        + value);
        assertThatThrownBy(() -> builder(greedy).greedy(false).build()).hasMessageContaining(key + " must be ");
    }

    @Test
    void valuesThatAskForNothingInTransformersAskForNothing() throws IOException {
        GenerationConfig config = read("{\"do_sample\": true, \"top_p\": 1.5, \"top_k\": 0, \"min_new_tokens\": -3,"
                + " \"typical_p\": 1.2, \"epsilon_cutoff\": 1.0, \"eta_cutoff\": -1, \"min_p\": 0.0, \"penalty_alpha\": 0.6,"
                + " \"num_return_sequences\": 0, \"no_repeat_ngram_size\": -1, \"diversity_penalty\": 0.5,"
                + " \"num_beam_groups\": 3, \"min_length\": -1, \"temperature\": null}");
        assertThat(config).isEqualTo(GenerationConfig.builder().topP(1).topK(0).build());
    }

    @Test
    void whatOnlyDrawingUsesIsNoMatterWhereNothingIsDrawn() throws IOException {
        String values =
                "\"min_p\": 0.1, \"top_h\": 0.5, \"typical_p\": 0.9, \"epsilon_cutoff\": 0.1, \"eta_cutoff\": 0.1}";
        assertThat(read("{" + values).greedy()).isTrue();
        assertThatThrownBy(() -> read("{\"do_sample\": true, " + values))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> read("{\"penalty_alpha\": 0.6}"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("sets penalty_alpha to 0.6");
    }

    @Test
    void whatTheCallerSetsPrevailsOverWhateverTheFileHolds() throws IOException {
        String odd =
                "{\"max_new_tokens\": 0, \"min_new_tokens\": \"x\", \"repetition_penalty\": -1, \"eos_token_id\": \"</s>\","
                        + " \"bos_token_id\": {}, \"do_sample\": 7, \"num_beams\": 4, \"min_length\": 9}";
        GenerationConfig config = builder(odd)
                .maxNewTokens(5)
                .minNewTokens(0)
                .repetitionPenalty(1)
                .eosTokenIds(List.of(2))
                .bosTokenId(1)
                .greedy(true)
                .oneBeam()
                .build();
        assertThat(config)
                .isEqualTo(GenerationConfig.builder()
                        .maxNewTokens(5)
                        .eosTokenIds(List.of(2))
                        .bosTokenId(1)
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max_new_tokens | 0",
                "min_new_tokens | \"x\"",
                "repetition_penalty | -1",
                "eos_token_id | \"</s>\"",
                "bos_token_id | {}",
                "do_sample | 7"
            })
    void whatEveryRunUsesIsCheckedUnlessTheCallerSetsIt(String key, String value) {
        assertThatThrownBy(() -> read("{\"" + key + "\": " + value + "}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(key + " must be ");
    }

    @Test
    void aMinimumOfTheFilesGivesWayToAMaximumOfTheCallers() throws IOException {
        String json = "{\"min_new_tokens\": 50, \"max_new_tokens\": 100}";
        assertThat(builder(json).maxNewTokens(8).build().minNewTokens()).isEqualTo(8);
        assertThat(read(json).minNewTokens()).isEqualTo(50);
    }

    @Test
    void theNumberOfNewTokensPrevailsOverThatOfAll() throws IOException {
        assertThat(read("{\"min_length\": 10, \"min_new_tokens\": 2}").minNewTokens())
                .isEqualTo(2);
        assertThat(builder("{\"min_length\": 10}").minNewTokens(3).build().minNewTokens())
                .isEqualTo(3);
    }

    @Test
    void saysWhatAValueMustBe() {
        assertThatThrownBy(() -> read("{\"eos_token_id\": \"</s>\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder.resolve("generation_config.json")
                        + ": eos_token_id must be a whole number or a list of them, got \"</s>\"");
    }

    @Test
    void refusesAFolderWithNeitherFile() {
        assertThatThrownBy(() -> GenerationConfig.builder(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("no config.json in " + folder);
    }
}
