package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A quantized model is the model whose linear layers have the values that come back from their packed weights. */
class QuantizedModelTest {

    private static final int[] ROW = {3, 17, 9, 22, 5, 30};

    @TempDir
    Path folder;

    private static Model<LanguageHead> quantized(Path checkpoint, Quantization quantization)
            throws CheckpointException {
        return Models.load(
                checkpoint,
                LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32).withQuantization(quantization));
    }

    private static float[] logits(Model<LanguageHead> model) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(ROW)))) {
            return logits.toFloatArray();
        }
    }

    /** The same model with unpacked weights, by way of a folder. */
    private Model<LanguageHead> unpacked(Model<LanguageHead> model, Path source) throws IOException {
        Map<String, Weight> weights = new LinkedHashMap<>();
        model.weightsByPath().forEach((path, weight) -> {
            if (!weights.containsValue(weight)) {
                weights.put(path, weight);
            }
        });
        PretrainedFolder.write(weights, Precision.FLOAT32, source, folder.resolve("unpacked"));
        return Models.load(folder.resolve("unpacked"), Device.cpu(), Precision.FLOAT32);
    }

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({"llama,nf4", "llama,int8", "bloom,nf4", "mistral,nf4", "qwen2,int8"})
    void computesWithTheUnpackedValues(String architecture, String how) throws Exception {
        try (Golden golden = Golden.of(architecture);
                Model<LanguageHead> plain = Models.load(golden.folder(), Device.cpu(), Precision.FLOAT32);
                Model<LanguageHead> model = quantized(golden.folder(), Quantization.of(how));
                Model<LanguageHead> same = unpacked(model, golden.folder())) {
            assertThat(logits(model)).containsExactly(logits(same));
            assertThat(logits(model)).isNotEqualTo(logits(plain));
            assertThat(model.parameterCount()).isEqualTo(plain.parameterCount());
            GenerationConfig greedy = GenerationConfig.builder(golden.folder())
                    .greedy(true)
                    .maxNewTokens(6)
                    .build();
            assertThat(new Generator(model, greedy)
                            .generate(List.of(ROW))
                            .get(0)
                            .ids())
                    .isEqualTo(new Generator(same, greedy)
                            .generate(List.of(ROW))
                            .get(0)
                            .ids());
        }
    }

    @Test
    void embeddingsNormsAndTheHeadStayAsTheyAre() throws CheckpointException {
        try (Golden golden = Golden.of("llama");
                Model<LanguageHead> model = quantized(golden.folder(), Quantization.NF4)) {
            model.weightsByPath()
                    .forEach((path, weight) ->
                            assertThat(weight.packed() != null).as(path).isEqualTo(path.contains("_proj.weight")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"load_in_4bit\":true,\"bnb_4bit_quant_type\":\"nf4\",\"bnb_4bit_use_double_quant\":true,\"quant_method\":\"bitsandbytes\"}",
                "{\"_load_in_8bit\":true,\"quant_method\":\"bitsandbytes\"}"
            })
    void followsTheConfig(String config) throws IOException {
        try (Golden golden = Golden.of("llama")) {
            Path changed = golden.copy(
                    folder.resolve("changed"),
                    json -> json.putRawValue(
                            "quantization_config", new com.fasterxml.jackson.databind.util.RawValue(config)));
            try (Model<LanguageHead> model = Models.load(changed, Device.cpu(), Precision.FLOAT32)) {
                assertThat(model.weightsByPath().values()).anyMatch(weight -> weight.packed() != null);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"quant_method\":\"gptq\"} | quantization_config of gptq is not implemented",
                "{\"load_in_4bit\":true} | bnb_4bit_quant_type fp4 is not implemented, expected nf4",
                "{\"load_in_8bit\":true,\"llm_int8_skip_modules\":[\"o_proj\"]} | llm_int8_skip_modules is not implemented"
            })
    void refusesWhatItCannotDoByName(String config, String message) throws IOException {
        try (Golden golden = Golden.of("llama")) {
            Path changed = golden.copy(
                    folder.resolve("changed"),
                    json -> json.putRawValue(
                            "quantization_config", new com.fasterxml.jackson.databind.util.RawValue(config)));
            assertThatThrownBy(() -> Models.load(changed, Device.cpu(), null))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void refusesConv1dLayers() {
        try (Golden golden = Golden.of("gpt2")) {
            assertThatThrownBy(() -> quantized(golden.folder(), Quantization.NF4))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("Conv1D layers cannot be quantized (transformer.h.0.attn.c_attn)");
        }
    }
}
