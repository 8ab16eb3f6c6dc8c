package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.lora.internal.update.LowRank;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraMergeTest {

    @TempDir
    private Path folder;

    private static PeftModel<?> random(Model<LanguageHead> base, LoraConfig.Builder builder) {
        return PeftModel.attach(base, builder.initLoraWeights(false).build());
    }

    private static void spoil(PeftModel<?> peft, String suffix) {
        Weight weight = peft.adapter().parameters().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(suffix))
                .findFirst()
                .orElseThrow()
                .getValue();
        float[] values = ToyOutputs.values(weight);
        values[0] = Float.NaN;
        try (NDArray spoiled = weight.scope().floats(values, weight.shape().getShape())) {
            weight.assign(spoiled);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_A.weight", "lora_B.weight", "lora_B.bias"})
    void whatIsNotANumberIsNotMergedAndNothingChanges(String suffix) {
        try (Model<LanguageHead> base = ToyModel.GPT2.load(folder, Precision.FLOAT32)) {
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 2).loraBias(true));
            spoil(peft, suffix);
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(peft::mergeActive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "NaNs detected in the merged weights. The adapter default seems to be broken (transformer.h.");
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
            assertThat(peft.adapter().mergeable().orElseThrow().isMerged()).isFalse();
            peft.deactivate();
            assertThat(ToyOutputs.logits(base)).doesNotContain(Float.NaN);
        }
    }

    @Test
    void aBiasOfAnUpdateNeedsOneInTheLayer() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 2).loraBias(true));
            assertThatThrownBy(peft::mergeActive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "Impossible to merge LoRA with `lora_bias=True` because the base layer has no bias.");
        }
    }

    private static float[] weight(Model<LanguageHead> model, String path) {
        return ToyOutputs.values(((Linear) BaseModules.of(model).base(path)).weight());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lm_head", "embed_tokens"})
    void mergingIntoOneOfTwoTiedLayersLeavesTheOtherAlone(String target) throws IOException {
        try (Model<LanguageHead> base = ToyModel.QWEN2.load(folder.resolve("base"), Precision.FLOAT32)) {
            float[] shared = weight(base, "lm_head");
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 4).targetModules(target));
            float[] adapted = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged output", ToyOutputs.logits(base), adapted, 1e-5);
            assertSameBits("the shared weight", weight(base, "lm_head"), shared);
            peft.unmerge();
            Path merged = folder.resolve("merged");
            peft.saveMerged(merged);
            assertThat(Files.readString(merged.resolve("config.json")))
                    .containsPattern("\"tie_word_embeddings\": ?false");
            try (Model<LanguageHead> plain = ToyModel.QWEN2.load(merged, Precision.FLOAT32)) {
                assertClose("output of the merged checkpoint", ToyOutputs.logits(plain), adapted, 1e-5);
            }
        }
    }

    @Test
    void twoTiedLayersMayBothBeMerged() {
        try (Model<LanguageHead> base = ToyModel.LLAMA_TIED.load(folder, Precision.FLOAT32)) {
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 4).targetModules("embed_tokens", "lm_head"));
            float[] adapted = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged output", ToyOutputs.logits(base), adapted, 1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "BLOOM", "GPT2"})
    void mergingReturnsTheLargestChangeOfAWeight(ToyModel model) {
        try (Model<LanguageHead> base = model.load(folder.resolve(model.name()), Precision.FLOAT32)) {
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 4));
            double largest = 0;
            BaseModules modules = BaseModules.of(base);
            WeightChange change = peft.mergeActive();
            assertThat(change.rounding()).isZero();
            double reported = change.largest();
            for (String path : modules.byPath().keySet()) {
                if (modules.outermost(path) instanceof AdaptedLayer layer) {
                    Linear merged = (Linear) io.github.peft4j.models.nn.Wrapper.innermost(layer);
                    float[] now = ToyOutputs.values(merged.weight());
                    float[] before = weight(base, path);
                    for (int i = 0; i < now.length; i++) {
                        largest = Math.max(largest, Math.abs((double) now[i] - before[i]));
                    }
                }
            }
            assertClose("largest change", reported, largest, 1e-6);
        }
    }

    @Test
    void aBfloat16WeightIsMergedInFloat32AndRoundedOnce() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.BFLOAT16)) {
            String path = "model.layers.0.self_attn.q_proj";
            float[] before = weight(base, path);
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 3).targetModules("q_proj"));
            AdaptedLayer layer = (AdaptedLayer) BaseModules.of(base).outermost(path);
            float[] delta;
            try (NDArray product = new LowRank(
                            layer.parameters().get("lora_A.weight"),
                            layer.parameters().get("lora_B.weight"),
                            1.5)
                    .delta(base.scope().kernels())) {
                delta = product.toFloatArray();
            }
            WeightChange reported = peft.mergeActive();
            Linear merged = (Linear) io.github.peft4j.models.nn.Wrapper.innermost(layer);
            assertThat(merged.weight().precision()).isEqualTo(Precision.BFLOAT16);
            float[] now = ToyOutputs.values(merged.weight());
            double lost = 0;
            for (int i = 0; i < now.length; i++) {
                assertThat(now[i]).isEqualTo(rounded(before[i] + delta[i]));
                lost = Math.max(lost, Math.abs(now[i] - (before[i] + delta[i])));
            }
            assertThat(lost).isPositive().isLessThanOrEqualTo(reported.rounding());
            assertThat(reported.rounding()).isLessThan(0x1p-8 * largest(now));
            assertDiffers("weight", now, before);
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** To bfloat16, to the nearest, ties to even. */
    private static float rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0x7FFF + ((bits >>> 16) & 1)) & 0xFFFF0000);
    }

    @Test
    void aWeightThatWouldOverflowItsFormatIsNotMerged() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT16)) {
            PeftModel<?> peft = random(base, LoraConfig.builder(2, 2e6));
            assertThatThrownBy(peft::mergeActive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The adapter default seems to be broken");
        }
    }

    @Test
    void mergingKeepsTrainedBiasesAndLayersTrainedWhole() {
        try (Model<LanguageHead> base = ToyModel.BLOOM.load(folder, Precision.FLOAT32)) {
            PeftModel<?> peft = random(
                    base, LoraConfig.builder(2, 4).bias(LayerSettings.Bias.ALL).modulesToSave("ln_f"));
            peft.adapter().trainable().forEach((key, weight) -> {
                if (key.endsWith("bias")) {
                    float[] ones = new float[(int) weight.size()];
                    Arrays.fill(ones, 0.5f);
                    try (NDArray values =
                            weight.scope().floats(ones, weight.shape().getShape())) {
                        weight.assign(values);
                    }
                }
            });
            float[] adapted = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged output", ToyOutputs.logits(base), adapted, 1e-5);
            peft.unmerge();
            assertSameBits("unmerged output", ToyOutputs.logits(base), adapted);
        }
    }
}
