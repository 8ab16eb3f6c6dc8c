package io.github.peft4j.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lntuning.LnTuningConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lycoris.LohaConfig;
import io.github.peft4j.methods.lycoris.LokrConfig;
import io.github.peft4j.methods.vera.VeraConfig;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which layers an adapter is for where none are named; {@code tools/golden_default_targets.py} wrote what Hugging Face PEFT says. */
final class DefaultTargetsTest {

    private static final File FIXTURE = new File("src/test/resources/golden/default-targets.json");

    private static final Path CHECKPOINTS = Path.of("../peft-models/src/test/resources/golden");

    /** A small checkpoint of an architecture: each has a folder, and an encoder one for each head. */
    private static Path checkpoint(String modelType) {
        Path decoder = CHECKPOINTS.resolve("models").resolve(modelType);
        return Files.exists(decoder) ? decoder : CHECKPOINTS.resolve("encoders").resolve(modelType + "-features");
    }

    private static JsonNode fixture() {
        try {
            return new ObjectMapper().readTree(FIXTURE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What the adapters of a model are for, by {@code peft_type}, as their saved configs say. */
    private static Map<String, Object> targets(String modelType) throws IOException {
        Map<String, Object> found = new TreeMap<>();
        try (Model<?> model = Models.load(
                checkpoint(modelType), LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32), Head.class)) {
            for (PeftConfig config : Stream.<ConfigBuilder<?, ?>>of(
                            LoraConfig.builder(1, 1),
                            VeraConfig.builder(),
                            LohaConfig.builder(1, 1),
                            LokrConfig.builder(1, 1),
                            Ia3Config.builder(),
                            LnTuningConfig.builder())
                    .map(ConfigBuilder::build)
                    .toList()) {
                PeftModel<?> peft = PeftModel.attach(model, config);
                Map<String, Object> saved = peft.adapter().config().settings();
                found.put(config.peftType(), saved.get("target_modules"));
                if (saved.containsKey("feedforward_modules")) {
                    found.put(config.peftType() + "_FEEDFORWARD", saved.get("feedforward_modules"));
                }
                peft.unload();
            }
        }
        return found;
    }

    static Stream<Arguments> known() {
        Map<String, Map<String, Object>> byModel = new TreeMap<>();
        fixture()
                .properties()
                .forEach(table -> table.getValue()
                        .properties()
                        .forEach(entry -> byModel.computeIfAbsent(entry.getKey(), name -> new LinkedHashMap<>())
                                .put(
                                        table.getKey(),
                                        TargetModules.named(StreamSupport.stream(
                                                                entry.getValue().spliterator(), false)
                                                        .map(JsonNode::asText)
                                                        .toArray(String[]::new))
                                                .json())));
        return byModel.entrySet().stream()
                .filter(entry -> Files.exists(checkpoint(entry.getKey())))
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("known")
    void whatPeftKnowsIsAsThere(String modelType, Map<String, Object> expected) throws IOException {
        assertThat(targets(modelType)).containsAllEntriesOf(expected);
    }

    @Test
    void whatPeftDoesNotKnowGoesByTheRolesOfLayers() throws IOException {
        assertThat(targets("phi3"))
                .containsEntry("LORA", TargetModules.named("qkv_proj").json())
                .containsEntry(
                        "IA3", TargetModules.named("qkv_proj", "down_proj").json())
                .containsEntry(
                        "IA3_FEEDFORWARD", TargetModules.named("down_proj").json());
        assertThat(targets("olmo2"))
                .containsEntry("LORA", TargetModules.named("q_proj", "v_proj").json())
                .containsEntry(
                        "IA3",
                        TargetModules.named("k_proj", "v_proj", "down_proj").json())
                .containsEntry(
                        "LN_TUNING",
                        TargetModules.named("post_attention_layernorm", "post_feedforward_layernorm", "norm")
                                .json());
        assertThat(targets("gpt_neox"))
                .containsEntry(
                        "LN_TUNING",
                        TargetModules.named("input_layernorm", "post_attention_layernorm", "final_layer_norm")
                                .json());
        assertThat(targets("bert"))
                .containsEntry(
                        "LN_TUNING", TargetModules.named("output.LayerNorm").json());
    }

    /** The attention's norm of the first block has no weights, and PEFT fails where it is named. */
    @Test
    void theNormsOfModernBertAreThoseThatHaveWeights() throws IOException {
        assertThat(targets("modernbert"))
                .containsEntry("LORA", TargetModules.named("Wqkv").json())
                .containsEntry("IA3", TargetModules.named("Wqkv", "mlp.Wo").json())
                .containsEntry("IA3_FEEDFORWARD", TargetModules.named("mlp.Wo").json())
                .containsEntry(
                        "LN_TUNING",
                        TargetModules.named("mlp_norm", "1.attn_norm", "2.attn_norm", "3.attn_norm", "final_norm")
                                .json());
    }
}
