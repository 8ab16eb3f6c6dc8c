package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several adapters in one model. */
@Tag("golden")
class LoraSeveralTest {

    private static PeftModel<?> two(Model<LanguageHead> model, String first, String second) throws IOException {
        PeftModel<?> peft = PeftModel.load(model, GoldenCase.ROOT.resolve(first));
        peft.load(GoldenCase.ROOT.resolve(second), "second");
        return peft;
    }

    @ParameterizedTest
    @CsvSource({"llama-plain, llama-rslora", "llama-plain, llama-dora"})
    void activeAdaptersAddUpAsInPython(String first, String second) throws IOException {
        try (Model<LanguageHead> model = new GoldenCase(first).base();
                GoldenTensors golden =
                        GoldenTensors.open(GoldenCase.ROOT.resolve(first + "+" + second + ".safetensors"))) {
            two(model, first, second).setActive("default", "second");
            SharedGolden.assertOutputs(model, golden);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama-plain, llama-rslora", "llama-plain, llama-dora", "llama-dora, llama-plain"})
    void mergedTogetherTheyComputeTheSame(String first, String second) throws IOException {
        try (Model<LanguageHead> model = new GoldenCase(first).base()) {
            float[] before = ToyOutputs.logits(model);
            PeftModel<?> peft = two(model, first, second);
            peft.setActive("default", "second");
            float[] both = ToyOutputs.logits(model);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(model), both, 1e-5);
            assertSameBits("without", peft.withoutAdapters(() -> ToyOutputs.logits(model)), before);
            assertClose("merged again", ToyOutputs.logits(model), both, 1e-5);
            peft.unmerge();
            assertSameBits("unmerged", ToyOutputs.logits(model), both);
        }
    }

    @Test
    void theyAreMergedAndUnmergedInAnyOrder() throws IOException {
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            PeftModel<?> peft = two(model, "llama-plain", "llama-rslora");
            peft.setActive("default", "second");
            float[] both = ToyOutputs.logits(model);
            int arrays = model.scope().liveArrays();
            Adapter.Mergeable first = peft.adapter("default").mergeable().orElseThrow();
            Adapter.Mergeable second = peft.adapter("second").mergeable().orElseThrow();
            second.merge();
            assertClose("the second merged", ToyOutputs.logits(model), both, 1e-5);
            first.merge();
            assertClose("both merged", ToyOutputs.logits(model), both, 1e-5);
            second.unmerge();
            assertClose("the first merged", ToyOutputs.logits(model), both, 1e-5);
            assertThat(first.isMerged()).isTrue();
            second.unmerge();
            first.unmerge();
            assertSameBits("none merged", ToyOutputs.logits(model), both);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void aMergedAdapterThatIsSwitchedOffIsOffAndTheOthersStay() throws IOException {
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            PeftModel<?> peft = two(model, "llama-plain", "llama-rslora");
            peft.setActive("second");
            float[] second = ToyOutputs.logits(model);
            peft.setActive("default", "second");
            peft.mergeActive();
            peft.adapter("default").setEnabled(false);
            assertClose("the second alone", ToyOutputs.logits(model), second, 1e-5);
            peft.deactivate();
            float[] none = ToyOutputs.logits(model);
            peft.setActive("default", "second");
            peft.mergeActive();
            peft.adapter("default").setEnabled(false);
            peft.adapter("second").setEnabled(false);
            assertSameBits("none", ToyOutputs.logits(model), none);
        }
    }

    @Test
    void whatStretchesAnotherAdaptersOutputIsMergedAfterIt() throws IOException {
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            PeftModel<?> peft = two(model, "llama-plain", "llama-dora");
            peft.setActive("default", "second");
            float[] both = ToyOutputs.logits(model);
            Adapter.Mergeable dora = peft.adapter("second").mergeable().orElseThrow();
            assertThatThrownBy(dora::merge)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot merge into model.layers.0.self_attn.q_proj under a LoraLinear")
                    .hasMessageEndingWith("merge the adapters in the order in which they were attached");
            assertThat(dora.isMerged()).isFalse();
            assertSameBits("after the refusal", ToyOutputs.logits(model), both);
        }
    }

    @Test
    void anAdapterGoesWhileAnotherIsMerged() throws IOException {
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            PeftModel<?> peft = two(model, "llama-plain", "llama-rslora");
            float[] first = ToyOutputs.logits(model);
            peft.mergeActive();
            float[] merged = ToyOutputs.logits(model);
            peft.delete("second");
            assertSameBits("merged", ToyOutputs.logits(model), merged);
            peft.unmerge();
            assertSameBits("unmerged", ToyOutputs.logits(model), first);
        }
    }
}
