package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotations that are stretched, some of them with the length of the text, and continued from a cache. */
@Tag("golden")
class RotaryVariantsTest extends VariantsContract {

    RotaryVariantsTest() {
        super("llama-rotary");
    }

    /** Where one of them is long, what they begin with is rotated otherwise in it, and is not computed once for all. */
    @Test
    void rowsThatBeginAlikeAreComputedAsEachAlone(@TempDir Path folder) throws IOException {
        golden.copy(folder, config -> {
            config.put("max_position_embeddings", 6);
            config.putObject("rope_parameters")
                    .put("rope_type", "dynamic")
                    .put("factor", 4)
                    .put("rope_theta", 500);
        });
        List<int[]> rows =
                List.of(new int[] {5, 6, 7, 8, 1}, new int[] {5, 6, 7, 8, 2, 3, 4, 9, 11}, new int[] {5, 6, 7, 8, 3});
        try (Model<LanguageHead> model = load(folder, Precision.FLOAT32)) {
            assertThat(model.anatomy().alikeUpTo()).isEqualTo(6);
            double alone =
                    rows.stream().mapToDouble(row -> loss(model, List.of(row))).sum();
            assertThat(loss(model, rows)).isCloseTo(alone, offset(1e-5 * alone));
            float[] first = logits(model, ModelInput.of(rows.subList(0, 1)));
            float[] all = logits(model, ModelInput.of(rows));
            assertClose("short row", java.util.Arrays.copyOf(all, first.length), first, TOLERANCE);
        }
    }

    private static double loss(Model<LanguageHead> model, List<int[]> rows) {
        try (Forward context = Forward.inference(model.scope())) {
            return model.head().objective().loss(context, model, Batch.of(rows, rows), 1);
        }
    }
}
