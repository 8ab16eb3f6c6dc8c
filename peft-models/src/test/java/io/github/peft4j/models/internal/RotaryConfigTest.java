package io.github.peft4j.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.nn.attention.internal.RotaryScaling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotaryConfigTest {

    private static final String LLAMA3 =
            "'rope_type': 'llama3', 'factor': 8, 'low_freq_factor': 1, 'high_freq_factor': 4";

    private static RotaryConfig read(String text) throws CheckpointException {
        return RotaryConfig.of(ConfigJson.parse(text.replace('\'', '"'), "config.json"));
    }

    @Test
    void readsTheThetaFromEitherPlace() throws CheckpointException {
        assertThat(read("{}").theta()).isEqualTo(10000);
        assertThat(read("{'rope_theta': 500}").theta()).isEqualTo(500);
        assertThat(read("{'rope_theta': 500, 'rope_scaling': null}").theta()).isEqualTo(500);
        assertThat(read("{'rope_theta': 500, 'rope_parameters': {'rope_theta': 7}}")
                        .theta())
                .isEqualTo(7);
        assertThat(read("{'rope_theta': 500, 'rope_parameters': {'rope_type': 'default'}}"))
                .isEqualTo(new RotaryConfig(500, new RotaryScaling.None()));
    }

    @Test
    void prefersTheOlderPlaceUnlessItIsEmpty() throws CheckpointException {
        String both = "{'rope_scaling': %s, 'rope_parameters': {'rope_type': 'linear', 'factor': 3}}";
        assertThat(read(String.format(both, "{'type': 'linear', 'factor': 2}")).scaling())
                .isEqualTo(new RotaryScaling.Linear(2));
        assertThat(read(String.format(both, "{}")).scaling()).isEqualTo(new RotaryScaling.Linear(3));
    }

    @Test
    void findsTheOriginalLengthWhereTransformersDoes() throws CheckpointException {
        String nested = "'rope_parameters': {" + LLAMA3 + ", 'original_max_position_embeddings': 10}";
        assertThat(read("{" + nested + "}").scaling()).isEqualTo(new RotaryScaling.Llama3(8, 1, 4, 10));
        assertThat(read("{" + nested + ", 'original_max_position_embeddings': 20}")
                        .scaling())
                .isEqualTo(new RotaryScaling.Llama3(8, 1, 4, 20));
        assertThat(read("{'rope_parameters': {" + LLAMA3 + "}, 'max_position_embeddings': 30}")
                        .scaling())
                .isEqualTo(new RotaryScaling.Llama3(8, 1, 4, 30));
    }

    @Test
    void takesAPartialRotationOfTheWholeHead() throws CheckpointException {
        assertThat(read("{'partial_rotary_factor': 1.0}").theta()).isEqualTo(10000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'rope_scaling': {'type': 'axial', 'factor': 4}}"
                        + "|config.json: rope_scaling: rope_type \"axial\" is not implemented; expected one of default, dynamic,"
                        + " linear, llama3, longrope, yarn",
                "{'rope_parameters': {'rope_type': 'dynamic', 'factor': 4}}|config.json lacks max_position_embeddings",
                "{'rope_parameters': {'rope_type': 'dynamic'}}|config.json: rope_parameters lacks factor",
                "{'rope_parameters': {'rope_type': 'yarn', 'factor': 4, 'beta_fast': 0}, 'max_position_embeddings': 9}"
                        + "|config.json: rope_parameters: beta_fast must be a number above 0, got 0",
                "{'rope_parameters': {'rope_type': 'longrope', 'short_factor': [1]}, 'max_position_embeddings': 9}"
                        + "|config.json: rope_parameters lacks long_factor",
                "{'rope_parameters': {'rope_type': 'longrope', 'short_factor': [1, 0], 'long_factor': [1]},"
                        + " 'max_position_embeddings': 9}"
                        + "|config.json: rope_parameters: short_factor must be a list of numbers above 0, got [1, 0]",
                "{'rope_scaling': {'type': 'linear'}}|config.json: rope_scaling lacks factor",
                "{'rope_scaling': {'type': 'linear', 'factor': 0}}"
                        + "|config.json: rope_scaling: factor must be a number above 0, got 0",
                "{'rope_scaling': {'type': 'llama3', 'factor': 4, 'low_freq_factor': 1}}"
                        + "|config.json: rope_scaling lacks high_freq_factor",
                "{'rope_scaling': {'type': 'llama3', 'factor': 4, 'low_freq_factor': 1, 'high_freq_factor': 4}}"
                        + "|config.json lacks original_max_position_embeddings or max_position_embeddings",
                "{'partial_rotary_factor': 0.5}"
                        + "|config.json: partial_rotary_factor is not implemented, got 0.5; only checkpoints without it load",
                "{'rope_parameters': {'partial_rotary_factor': 0.5}}"
                        + "|config.json: rope_parameters: partial_rotary_factor is not implemented, got 0.5; only checkpoints without it load",
                "{'rope_parameters': {'full_attention': {'rope_type': 'default'}}}"
                        + "|config.json: rope_parameters: full_attention is not implemented, got {\"rope_type\": \"default\"};"
                        + " only checkpoints without it load",
                "{'rope_theta': -1}|config.json: rope_theta must be a number above 0, got -1",
                "{'rope_scaling': 'linear'}|config.json: rope_scaling must be an object, got \"linear\""
            })
    void refusesByName(String config, String message) {
        assertThatThrownBy(() -> read(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
