package io.github.peft4j.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ArrayAssertions;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The architecture of the page, which the library does not know. */
class LayerScaleLlamaTest {

    @TempDir
    private Path folder;

    /** A toy Llama's checkpoint with scales added; the c-th channel's is {@code first + c * step}. */
    private Path checkpoint(float first, float step) throws IOException {
        Path llama = folder.resolve("llama");
        if (!Files.exists(llama)) {
            ToyModel.LLAMA.write(llama);
        }
        Path scaled = Files.createDirectories(folder.resolve("scaled" + first + step));
        Files.writeString(
                scaled.resolve("config.json"),
                Files.readString(llama.resolve("config.json"))
                        .replace("\"model_type\":\"llama\"", "\"model_type\":\"layer_scale_llama\"")
                        .replace("LlamaForCausalLM", "LayerScaleLlamaForCausalLM"));
        List<TensorSource> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(llama.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                ByteBuffer copy = ByteBuffer.allocate(file.bytes(name).remaining());
                tensors.add(TensorSource.of(
                        file.info(name), copy.put(file.bytes(name)).flip()));
            }
        }
        for (String name : List.of("0.attention_scale", "0.mlp_scale", "1.attention_scale", "1.mlp_scale")) {
            TensorInfo info = new TensorInfo(
                    "model.layers." + name + ".gamma", StoredType.F32, List.of((long) ToyModel.LLAMA.hiddenSize()));
            ByteBuffer values = ByteBuffer.allocate((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
            for (int c = 0; values.hasRemaining(); c++) {
                values.putFloat(first + c * step);
            }
            tensors.add(TensorSource.of(info, values.flip()));
        }
        SafetensorsWriter.write(scaled.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        return scaled;
    }

    private static Model<LanguageHead> load(Path checkpoint) throws IOException {
        return Models.load(checkpoint, Device.cpu(), Precision.FLOAT32);
    }

    @Test
    void isALlamaWhereItsScalesAreOneAndAnotherModelElsewhere() throws IOException {
        try (Model<LanguageHead> llama = ToyModel.LLAMA.load(folder.resolve("llama"), Precision.FLOAT32);
                Model<LanguageHead> ones = load(checkpoint(1, 0));
                Model<LanguageHead> others = load(checkpoint(0.5f, 0.05f))) {
            assertThat(ones.anatomy().className()).isEqualTo("LayerScaleLlamaForCausalLM");
            assertThat(ToyOutputs.logits(ones)).containsExactly(ToyOutputs.logits(llama));
            assertThat(ToyOutputs.logits(others)).isNotEqualTo(ToyOutputs.logits(llama));
            ArrayAssertions.assertClose(
                    "token by token", ToyOutputs.lastLogitsTokenByToken(others), ToyOutputs.lastLogits(others), 1e-5);
        }
    }

    @Test
    void itsScalesHaveGradients() throws IOException {
        try (Model<LanguageHead> model = load(checkpoint(0.5f, 0.05f))) {
            Weight gamma = model.weightsByPath().get("model.layers.0.mlp_scale.gamma");
            gamma.makeWritable();
            gamma.setTrainable(true);
            ToyModel.assertGradient(model, "gamma", gamma, 1e-2);
        }
    }

    @Test
    void everyMethodAndEveryHeadGoesWithIt() throws IOException {
        try (Model<LanguageHead> model = load(checkpoint(0.5f, 0.05f))) {
            PeftModel<Model<LanguageHead>> peft =
                    PeftModel.attach(model, LoraConfig.builder(2, 4).build());
            assertThat(peft.adapter().parameters().keySet())
                    .contains("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
            peft.setTrainable("default");
            double before = ToyTraining.loss(model, ToyTraining.rows());
            ToyTraining.train(peft, 5, 0.05);
            assertThat(ToyTraining.loss(model, ToyTraining.rows())).isLessThan(before);
        }
        try (Model<SequenceHead> classifier =
                Models.load(checkpoint(1, 0), LoadOptions.on(Device.cpu()), SequenceHead.class)) {
            assertThat(classifier.anatomy().className()).isEqualTo("LayerScaleLlamaForSequenceClassification");
        }
    }

    @Test
    void thePageShowsTheArchitectureAsItIs() throws IOException {
        String folder = "src/main/java/io/github/peft4j/examples/architecture/";
        String code = Files.readString(Path.of(folder + "LayerScale.java"))
                + Files.readString(Path.of(folder + "LayerScaleLlamaFamily.java"));
        String dense = code.replaceAll("\\s+", "");
        assertThat(Pattern.compile("(?s)```java\n(.*?)```")
                        .matcher(Files.readString(Path.of("../docs/how-to/add-an-architecture.md")))
                        .results()
                        .map(MatchResult::group)
                        .map(block ->
                                block.replace("```java", "").replace("```", "").replaceAll("\\s+", "")))
                .hasSize(3)
                .allSatisfy(block -> assertThat(dense).contains(block));
    }
}
