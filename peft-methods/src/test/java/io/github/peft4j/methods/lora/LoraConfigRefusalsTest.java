package io.github.peft4j.methods.lora;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of LoRA that are refused, in whose words. */
class LoraConfigRefusalsTest extends LoraConfigCase {

    /** Values that ask for something that is not implemented. */
    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("init_lora_weights", "corda"),
                Arguments.of("init_lora_weights", "loftq"),
                Arguments.of("megatron_config", Map.of("a", 1)),
                Arguments.of("layer_replication", List.of(List.of(0, 2))),
                Arguments.of("alora_invocation_tokens", List.of(1, 2)),
                Arguments.of("arrow_config", Map.of("top_k", 3)),
                Arguments.of("target_parameters", List.of("mlp.experts.gate_up_proj")),
                Arguments.of("use_bdlora", Map.of("nblocks", 1)),
                Arguments.of("kasa_config", Map.of("beta", 0.1)),
                Arguments.of("velora_config", Map.of("scale", 1.0)),
                Arguments.of("monteclora_config", Map.of("num_samples", 8)),
                Arguments.of("use_qalora", true));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("refused")
    void whatIsNotImplementedIsRefusedByName(String key, Object value) {
        assertThatThrownBy(() -> read(Map.of(key, value)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("some.json sets " + key + "=")
                .hasMessageEndingWith(", which this version does not implement");
    }

    /** Settings that do not go together, with Hugging Face PEFT's own words. */
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(
                        Map.of("target_modules", ".*q_proj", "layers_to_transform", 1),
                        "`layers_to_transform` cannot be used when `target_modules` is a str."),
                Arguments.of(
                        Map.of("target_modules", "all-linear", "layers_pattern", "layers"),
                        "`layers_pattern` cannot be used when `target_modules` is a str."),
                Arguments.of(
                        Map.of("layers_pattern", List.of("layers")),
                        "When `layers_pattern` is specified, `layers_to_transform` must also be specified. "),
                Arguments.of(
                        Map.of("lora_bias", true, "init_lora_weights", "gaussian"),
                        "The argument lora_bias=True is only supported with init_lora_weights=True or False, got"
                                + " init_lora_weights=gaussian instead."),
                Arguments.of(
                        Map.of("lora_bias", true, "use_dora", true),
                        "The argument lora_bias=True is not supported for DoRA, please pass use_dora=False"),
                Arguments.of(
                        Map.of("use_dora", true, "init_lora_weights", "mica"),
                        "Invalid or unsupported variant combination: init_lora_weights=mica and use_dora=True"),
                Arguments.of(Map.of("r", 0), "`r` should be a positive integer value but the value passed is 0"),
                Arguments.of(
                        Map.of("rank_pattern", Map.of("q_proj", -1)),
                        "`r` should be a positive integer value but the value passed is -1"),
                Arguments.of(
                        Map.of("rank_pattern", Map.of("q_proj", 1.5)),
                        "rank_pattern must hold whole numbers, got q_proj: 1.5"),
                Arguments.of(Map.of("bias", "foo"), "Requested bias: foo, is not implemented."),
                Arguments.of(Map.of("lora_dropout", 1.0), "lora_dropout must be at least 0 and below 1, got 1.0"),
                Arguments.of(Map.of("lora_dropout", -0.5), "lora_dropout must be at least 0 and below 1, got -0.5"),
                Arguments.of(Map.of("init_lora_weights", "foo"), "Unknown initialization init_lora_weights='foo'"),
                Arguments.of(
                        Map.of("init_lora_weights", "pissa_niter_x"),
                        "init_lora_weights should be 'pissa' or 'pissa_niter_[number of iters]', got pissa_niter_x"
                                + " instead."),
                Arguments.of(Map.of("r", "many"), "r must be a whole number, got \"many\""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void settingsThatAreWrongAreRefusedInPythonsWords(Map<String, Object> values, String message) {
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(some.json)");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> LoraConfig.builder(0, 1)
                        .loraDropout(2)
                        .loraBias(true)
                        .useDora(true)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("`r` should be", "lora_dropout must be", "not supported for DoRA");
    }
}
