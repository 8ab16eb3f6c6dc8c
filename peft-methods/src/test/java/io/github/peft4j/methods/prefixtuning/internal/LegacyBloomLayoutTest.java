package io.github.peft4j.methods.prefixtuning.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.methods.internal.promptlearning.GoldenPrompt;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prefixes that were trained for a Bloom of an old transformers. */
class LegacyBloomLayoutTest {

    private final GoldenPrompt given = new GoldenPrompt("bloom-legacy");

    @Test
    void theyComputeWhatTheyDidThere() throws IOException {
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = GoldenTensors.open(given.folder().resolve("legacy.safetensors"))) {
            PeftModel.load(model, given.folder());
            List<Batch> rows = SharedGolden.rows();
            for (int row = 0; row < rows.size(); row++) {
                float[] logits =
                        SharedGolden.logits(model, rows.get(row).tokenIds().get(0));
                assertClose("logits of row " + row, logits, golden.floats("logits." + row), 1e-5);
            }
        }
    }

    @Test
    void theyAreSavedInTodaysOrder(@TempDir Path folder) throws IOException {
        try (Model<LanguageHead> model = given.base();
                Model<LanguageHead> other = given.base()) {
            PeftModel.load(model, given.folder()).save(folder);
            assertThat(folder.resolve(AdapterStore.CONFIG)).content().doesNotContain("legacy");
            PeftModel.load(other, folder);
            assertSameBits("output", ToyOutputs.logits(other), ToyOutputs.logits(model));
        }
    }

    @Test
    void otherModelsHaveNoSuchOrder(@TempDir Path folder) throws IOException {
        GoldenPrompt other = new GoldenPrompt("gpt2-prefix");
        String config = Files.readString(other.folder().resolve(AdapterStore.CONFIG));
        Files.writeString(
                folder.resolve(AdapterStore.CONFIG), config.replaceFirst("\\{", "{\"legacy_bloom_layout\": true,"));
        Files.copy(other.folder().resolve(AdapterStore.WEIGHTS), folder.resolve(AdapterStore.WEIGHTS));
        try (Model<LanguageHead> model = other.base()) {
            assertThatThrownBy(() -> PeftModel.load(model, folder))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("legacy_bloom_layout is for Bloom, not for a GPT2LMHeadModel: leave it out");
        }
    }
}
