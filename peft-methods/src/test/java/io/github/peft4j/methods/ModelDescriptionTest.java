package io.github.peft4j.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelDescriptionTest {

    @Test
    void modulesStandUnderTheirNamesAndThoseThatAreAlikeOnce(@TempDir Path folder) throws Exception {
        try (Model<LanguageHead> model = Models.load(ToyModel.LLAMA.write(folder), Device.cpu(), Precision.FLOAT32)) {
            assertThat(model.describe()).isEqualTo("""
                    LlamaForCausalLM(
                      (model): Decoder(
                        (embed_tokens): Embedding(weight: [48, 16] float32)
                        (layers): ModuleList(
                          (0-1): 2 x DecoderBlock(
                            (input_layernorm): RmsNorm(weight: [16] float32)
                            (self_attn): Attention(
                              (q_proj): Linear(weight: [16, 16] float32)
                              (k_proj): Linear(weight: [8, 16] float32)
                              (v_proj): Linear(weight: [8, 16] float32)
                              (o_proj): Linear(weight: [16, 16] float32)
                            )
                            (post_attention_layernorm): RmsNorm(weight: [16] float32)
                            (mlp): GatedMlp(
                              (gate_proj): Linear(weight: [24, 16] float32)
                              (up_proj): Linear(weight: [24, 16] float32)
                              (down_proj): Linear(weight: [16, 24] float32)
                            )
                          )
                        )
                        (norm): RmsNorm(weight: [16] float32)
                      )
                      (lm_head): Linear(weight: [48, 16] float32)
                    )""");
        }
    }

    @Test
    void adaptersAreShownWithWhatTheyTrain(@TempDir Path folder) throws Exception {
        try (Model<LanguageHead> model = Models.load(ToyModel.LLAMA.write(folder), Device.cpu(), Precision.FLOAT32)) {
            PeftModel.attach(
                    model, LoraConfig.builder(4, 8).targetModules("q_proj").build());
            assertThat(model.describe()).contains("(0-1): 2 x DecoderBlock(").contains("""
                                      (q_proj): LoraLinear(
                                        lora_A.weight: [4, 16] float32, trainable
                                        lora_B.weight: [16, 4] float32, trainable
                                        (base_layer): Linear(weight: [16, 16] float32)
                                      )
                                      (k_proj): Linear(weight: [8, 16] float32)""".indent(10)
                    .stripTrailing());
        }
    }
}
