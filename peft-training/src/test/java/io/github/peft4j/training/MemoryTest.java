package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.ProcessMemory;
import io.github.peft4j.training.progress.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Native memory has owners: a run leaves behind what it found. */
class MemoryTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(60)
            .batchSize(2)
            .accumulation(2)
            .learningRate(1e-3)
            .evaluateEvery(10)
            .saveEvery(20)
            .keep(1)
            .build();

    @TempDir
    Path folder;

    private ToyRun open(String kind) throws IOException {
        Path base = folder.resolve("base");
        return switch (kind) {
            case "adapter" -> ToyRun.adapter(base, 0.1);
            case "lora" -> ToyRun.lora(base, 0.1);
            default -> ToyRun.full(base, Precision.BFLOAT16);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapter", "lora", "full"})
    void theSameNumberOfArraysLivesAfterEveryStep(String kind) throws Exception {
        try (ToyRun run = open(kind)) {
            int before = LiveArrays.count(run.model.scope());
            List<Integer> during = new ArrayList<>();
            run.tuner(CONFIG)
                    .evaluateOn(Golden.rows())
                    .checkpointsIn(folder.resolve("output"))
                    .listener(new TrainingListener() {
                        @Override
                        public void step(TrainingListener.Step report) {
                            during.add(LiveArrays.count(run.model.scope()));
                        }
                    })
                    .train(Golden.rows());
            assertThat(during).hasSize(60).containsOnly(during.get(0));
            assertThat(LiveArrays.count(run.model.scope())).isEqualTo(before);
        }
    }

    @Test
    void residentMemoryDoesNotGrowWithTheSteps() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0.1)) {
            TrainingConfig plain =
                    TrainingConfig.builder().steps(300).batchSize(4).build();
            List<Long> kib = new ArrayList<>();
            run.tuner(plain)
                    .listener(new TrainingListener() {
                        @Override
                        public void step(TrainingListener.Step report) {
                            if (report.step() % 150 == 0) {
                                kib.add(residentKib());
                            }
                        }
                    })
                    .train(Golden.rows());
            // A leaked activation of each step would be some 20 KiB: 3 MiB in 150 steps, were it but one.
            assertThat(kib.get(1) - kib.get(0)).isLessThan(16 << 10);
        }
    }

    private static long residentKib() {
        System.gc();
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void thePeakIsWhatTheSystemSays() {
        assertThat(ProcessMemory.peakMib()).isBetween(50L, 64L << 10);
    }
}
