package io.github.peft4j.methods.lora.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.SeveralAdapters;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter's values are exchanged for another's in place. */
class LoraSwapTest {

    @TempDir
    private Path folder;

    @Test
    void aSmallerAdapterTakesTheOthersPlaceAsInPython() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base();
                GoldenTensors golden = SeveralAdapters.golden()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first");
            peft.setTrainable("first");
            List<Weight> weights =
                    List.copyOf(peft.adapter("first").parameters().values());
            int arrays = model.scope().liveArrays();
            peft.swap(SeveralAdapters.ROOT.resolve("small"), "first");
            assertClose("swapped", SeveralAdapters.logits(model), golden.floats("swapped"), 1e-5);
            assertThat(peft.adapter("first").parameters().values()).containsExactlyElementsOf(weights);
            assertThat(weights).allMatch(Weight::trainable);
            assertThat(peft.active()).containsExactly("first");
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void whatIsSavedAfterwardsIsWhatIsComputed() throws IOException {
        float[] swapped;
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first");
            peft.swap(SeveralAdapters.ROOT.resolve("small"), "first");
            swapped = SeveralAdapters.logits(model);
            peft.save(folder);
        }
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel.load(model, folder.resolve("first"));
            assertSameBits("loaded", SeveralAdapters.logits(model), swapped);
        }
    }

    private static LoraConfig.Builder lora() {
        return LoraConfig.builder(2, 4).initLoraWeights(false);
    }

    private Path saved(String name, LoraConfig config, String base) throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.baseOf(base)) {
            PeftModel<?> peft = PeftModel.attach(model, config, AttachContext.of(9));
            peft.adapter()
                    .trainable()
                    .values()
                    .forEach(weight -> weight.scope().kernels().scaleInto(weight.array(), 1.5));
            peft.save(folder.resolve(name));
        }
        return folder.resolve(name);
    }

    private static void assertSwaps(LoraConfig config, Path saved, String base) throws IOException {
        float[] expected;
        try (Model<LanguageHead> model = SeveralAdapters.baseOf(base)) {
            PeftModel.load(model, saved);
            expected = SeveralAdapters.logits(model);
        }
        try (Model<LanguageHead> model = SeveralAdapters.baseOf(base)) {
            PeftModel<?> peft = PeftModel.attach(model, config);
            peft.swap(saved, "default");
            assertClose("swapped", SeveralAdapters.logits(model), expected, 1e-6);
        }
    }

    @Test
    void embeddingsBiasesAndLayersTrainedWholeComeAlong() throws IOException {
        LoraConfig gpt2 = lora().targetModules("c_attn", "wte")
                .bias(LayerSettings.Bias.ALL)
                .modulesToSave("ln_f")
                .build();
        assertSwaps(gpt2, saved("gpt2", gpt2, "gpt2"), "gpt2");
        LoraConfig embedding =
                lora().targetModules("embed_tokens").loraDropout(0.1).build();
        assertSwaps(embedding, saved("embedding", embedding, "llama"), "llama");
        LoraConfig dora = lora().targetModules("q_proj")
                .useDora(true)
                .initLoraWeights("pissa")
                .build();
        assertSwaps(dora, saved("dora", dora, "llama"), "llama");
        LoraConfig biased = lora().targetModules("c_attn").loraBias(true).build();
        assertSwaps(
                LoraConfig.builder(3, 5).targetModules("c_attn").loraBias(true).build(),
                saved("biased", biased, "gpt2"),
                "gpt2");
    }

    private static void assertRefused(LoraConfig config, Path saved, String message) {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = PeftModel.attach(model, config);
            float[] before = SeveralAdapters.logits(model);
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> peft.swap(saved, "default"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
            assertSameBits("after the refusal", SeveralAdapters.logits(model), before);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void whatDoesNotFitChangesNothing() throws IOException {
        LoraConfig plain = lora().targetModules("q_proj").build();
        Path first = SeveralAdapters.ROOT.resolve("first");
        assertRefused(
                plain,
                first,
                "Hot swapping the adapter did not succeed, unexpected keys found: "
                        + "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight, ");
        assertRefused(
                lora().targetModules("q_proj", "v_proj").build(),
                first,
                "Incompatible shapes found for LoRA weights base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight:"
                        + " [2, 16] vs [4, 16]. The rank of what is swapped in may be smaller than the adapter's, not larger");
        assertRefused(
                lora().targetModules("q_proj", "v_proj").useRslora(true).build(),
                first,
                "Configs are incompatible: for use_rslora, true != false (");
        assertRefused(
                lora().targetModules("q_proj", "v_proj").loraDropout(0.5).build(),
                first,
                "Configs are incompatible: for lora_dropout, 0.5 != 0.0 (");
        assertRefused(
                lora().targetModules("q_proj", "v_proj")
                        .initLoraWeights("pissa")
                        .build(),
                first,
                "Configs are incompatible: for init_lora_weights, pissa != false (");
        assertRefused(
                lora().targetModules("q_proj").modulesToSave("model.norm").build(),
                saved("plain", plain, "llama"),
                "Hot swapping the adapter did not succeed, base_model.model.model.norm.weight is missing (");
    }

    @Test
    void aMergedAdapterAndAnUnknownOneAreRefused() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first");
            Path small = SeveralAdapters.ROOT.resolve("small");
            assertThatThrownBy(() -> peft.swap(small, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Adapter x does not exist; there are [first]");
            peft.mergeActive();
            assertThatThrownBy(() -> peft.swap(small, "first"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Cannot hot-swap adapter 'first' because it is currently merged into the base weights."
                            + " Please unmerge the adapter first by calling unmerge().");
        }
    }
}
