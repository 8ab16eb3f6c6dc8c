package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterLineTest {

    /** Of a Bloom with 1.4 billion parameters; nothing but their shapes is there. */
    @Test
    void tenVirtualTokensOfALargeBloomAreCountedAsHuggingFaceCountsThem(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\":\"bloom\",\"architectures\":[\"BloomForCausalLM\"],\"vocab_size\":46145,"
                        + "\"hidden_size\":2048,\"n_layer\":24,\"n_head\":16}");
        ConfigJson json = Models.config(folder);
        try (Scope scope = Scope.open(Device.cpu());
                Model<?> bloom =
                        Architecture.of(json, Head.class).build(Weights.ofShapes(scope, Precision.FLOAT32), 0)) {
            PeftModel<?> peft =
                    PeftModel.attach(bloom, PromptTuningConfig.builder(10).build());
            assertThat(peft.parameterReport())
                    .hasToString("trainable params: 20,480 || all params: 1,303,132,160 || trainable%: 0.0016");
        }
    }
}
