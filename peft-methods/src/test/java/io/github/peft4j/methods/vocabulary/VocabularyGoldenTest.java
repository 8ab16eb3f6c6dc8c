package io.github.peft4j.methods.vocabulary;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.golden.GoldenAdapter;
import io.github.peft4j.methods.golden.GoldenContract;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that were trained after the model was given more tokens, or fewer. */
class VocabularyGoldenTest extends GoldenContract {

    VocabularyGoldenTest() {
        super("vocabulary");
    }

    /** Those that can be merged. */
    private List<GoldenAdapter> mergeable() {
        return cases().stream()
                .filter(given -> !given.name().endsWith("prefix"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("mergeable")
    void aMergedCheckpointComputesTheSameByItself(GoldenAdapter given, @TempDir Path folder) throws IOException {
        try (GoldenTensors golden = given.golden()) {
            int tokens = SharedGolden.metadata(golden, "tokens").intValue();
            List<Batch> rows = SharedGolden.Data.of(golden).rows();
            try (Model<LanguageHead> model = given.base(Precision.FLOAT32)) {
                PeftModel<?> peft = PeftModel.load(model, given.folder());
                assertThat(peft.status().adapter("default").vocabSize()).isEqualTo(tokens);
                peft.saveMerged(folder.resolve("merged"));
            }
            try (Model<LanguageHead> merged = Models.load(folder.resolve("merged"), Device.cpu(), Precision.FLOAT32)) {
                assertThat(merged.config().vocabSize()).isEqualTo(tokens);
                for (int row = 0; row < rows.size(); row++) {
                    float[] logits =
                            SharedGolden.logits(merged, rows.get(row).tokenIds().get(0));
                    assertClose("logits of row " + row, logits, golden.floats("logits." + row), 1e-5);
                }
            }
        }
    }
}
