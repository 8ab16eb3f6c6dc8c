package io.github.peft4j.training.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What transformers' EarlyStoppingCallback counts, from its condition: better than the best before by more than the threshold. */
class BestSoFarTest {

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "losses {0}, threshold {1}: stopped after evaluation {2}, best {3}")
    @CsvSource({
        "3 2 2 2, 0, 4, 2",
        "3 2.9 2.8 2.7 2.6, 0, 0, 2.6",
        "3 2.9 2.8 2.7 2.6, 0.2, 3, 2.8",
        "3 2.9 2.5 2.4 2.0 1.9, 0.3, 0, 1.9",
        "3 2.75 2.5 2, 0.25, 3, 2.5",
        "NaN NaN 3, 0, 2, NaN",
    })
    void whatIsBetterByNoMoreThanTheThresholdDoesNotKeepARunGoing(
            String losses, double threshold, int stopped, double best) throws Exception {
        TrainingConfig config = TrainingConfig.builder()
                .evaluateEvery(1)
                .earlyStopping(2)
                .earlyStoppingThreshold(threshold)
                .build();
        try (Model<?> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            BestSoFar found = BestSoFar.of(config, null, model);
            int step = 0;
            int end = 0;
            for (double loss : Arrays.stream(losses.split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray()) {
                step++;
                found.note(new TrainingListener.Logged(step, Map.of("eval_loss", loss)));
                if (found.isExhausted()) {
                    end = step;
                    break;
                }
            }
            assertThat(end).isEqualTo(stopped);
            assertThat(Double.valueOf(
                            found.best() == null ? Double.NaN : found.best().value()))
                    .isEqualTo(Double.valueOf(best));
        }
    }
}
