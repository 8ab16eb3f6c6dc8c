package io.github.peft4j.methods.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LoRA over packed weights. */
class LoraQuantizedTest {

    private static final int[] ROW = {3, 17, 9, 22, 5, 30};

    @TempDir
    Path folder;

    private Path checkpoint;

    @BeforeEach
    void write() throws IOException {
        checkpoint = ToyModel.LLAMA.write(folder.resolve("model"));
    }

    private PeftModel<?> quantized(Quantization quantization, LoraConfig config) throws IOException {
        Model<LanguageHead> base = Models.load(
                checkpoint,
                LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32).withQuantization(quantization));
        return PeftModel.attach(base, config, AttachContext.of(4));
    }

    private static LoraConfig config() {
        return LoraConfig.builder(3, 6)
                .initLoraWeights(false)
                .targetModules("q_proj", "down_proj")
                .build();
    }

    private static float[] logits(Model<LanguageHead> model) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(ROW)))) {
            return logits.toFloatArray();
        }
    }

    private static void assertClose(float[] found, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], Offset.offset(1e-4f));
        }
    }

    @ParameterizedTest
    @CsvSource({"nf4,false", "nf4,true", "int8,false"})
    void trains(String how, boolean recompute) throws IOException {
        PeftModel<?> peft = quantized(Quantization.of(how), config());
        try (Model<LanguageHead> model = peft.model().with(LanguageHead.class);
                Forward context = Forward.recording(model.scope(), new Forward.Recording(0, recompute, false))) {
            model.head().objective().loss(context, model, Batch.of(List.of(ROW), List.of(ROW)), 1);
            context.backward();
            for (Map.Entry<String, Weight> entry : peft.adapter().trainable().entrySet()) {
                assertThat(entry.getValue().gradient()).as(entry.getKey()).isNotNull();
            }
        }
    }

    @Test
    void mergesIntoTheUnpackedValues() throws IOException {
        PeftModel<?> peft = quantized(Quantization.NF4, config());
        try (Model<LanguageHead> model = peft.model().with(LanguageHead.class)) {
            float[] before = logits(model);
            double change = peft.mergeActive().largest();
            assertThat(change).isPositive();
            assertClose(logits(model), before);
            peft.saveMerged(folder.resolve("merged"));
            peft.unmerge();
            assertThat(logits(model)).containsExactly(before);
            try (Model<LanguageHead> merged = Models.load(folder.resolve("merged"), Device.cpu(), Precision.FLOAT32)) {
                assertClose(logits(merged), before);
            }
        }
    }

    @Test
    void startsFromTheSpectrumOfTheUnpackedValues() throws IOException {
        LoraConfig pissa = config().toBuilder().initLoraWeights("pissa").build();
        try (Model<LanguageHead> plain = Models.load(
                checkpoint,
                LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32).withQuantization(Quantization.NF4))) {
            PeftModel<?> peft = quantized(Quantization.NF4, pissa);
            try (Model<LanguageHead> model = peft.model().with(LanguageHead.class)) {
                assertClose(logits(model), logits(plain));
            }
        }
    }

    @Test
    void trainsCopiesOfPackedLayers() throws IOException {
        LoraConfig config = config().toBuilder().modulesToSave("o_proj").build();
        PeftModel<?> peft = quantized(Quantization.NF4, config);
        try (Model<LanguageHead> model = peft.model().with(LanguageHead.class)) {
            assertThat(peft.adapter().trainable())
                    .containsKey("base_model.model.model.layers.0.self_attn.o_proj.weight");
            peft.save(folder.resolve("adapter"));
            try (Model<LanguageHead> again = Models.load(
                    checkpoint,
                    LoadOptions.on(Device.cpu())
                            .withPrecision(Precision.FLOAT32)
                            .withQuantization(Quantization.NF4))) {
                PeftModel.load(again, folder.resolve("adapter"));
                assertClose(logits(again), logits(model));
            }
        }
    }
}
