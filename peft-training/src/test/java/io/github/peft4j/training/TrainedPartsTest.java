package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.optimizer.ParameterGroup;
import io.github.peft4j.training.progress.TrainingResult;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is frozen stays as it is, and is saved with the rest. */
class TrainedPartsTest {

    private static final TrainingConfig FAST = TrainingConfig.builder()
            .steps(6)
            .batchSize(3)
            .accumulation(2)
            .learningRate(0.02)
            .schedule(Schedule.CONSTANT)
            .build();

    @TempDir
    private Path folder;

    private static Map<String, float[]> values(ToyRun run) {
        Map<String, float[]> values = new TreeMap<>();
        run.model
                .weightsByPath()
                .forEach((name, weight) -> values.put(name, weight.array().toFloatArray()));
        return values;
    }

    @Test
    void onlyTheLastBlocksAreTrainedAndAllOfTheModelIsSaved() throws Exception {
        Path saved = folder.resolve("saved");
        try (ToyRun run = ToyRun.full(folder.resolve("base"), Precision.FLOAT32)) {
            Map<String, float[]> before = values(run);
            TrainingResult result =
                    run.tuner(FAST.toBuilder().lastBlocks(1).build()).train(Golden.rows());
            Map<String, float[]> after = values(run);
            before.forEach((name, values) -> {
                boolean trained =
                        name.contains(".layers.1.") || name.equals("model.norm.weight") || name.contains("head");
                assertThat(Arrays.equals(values, after.get(name))).as(name).isEqualTo(!trained);
            });
            assertThat(result.trainableParameters())
                    .isPositive()
                    .isLessThan(result.allParameters() / 2 + 61 * 24)
                    .isEqualTo(run.model.trainableWeights().values().stream()
                            .mapToLong(Weight::size)
                            .sum());
            run.tuner(FAST.toBuilder().lastBlocks(1).build()).save(saved);
            try (Model<?> again = Models.load(saved, Device.cpu(), Precision.FLOAT32)) {
                again.weightsByPath()
                        .forEach((name, weight) -> assertThat(weight.array().toFloatArray())
                                .as(name)
                                .containsExactly(after.get(name)));
            }
        }
    }

    @Test
    void theHeadAloneIsTrained() throws Exception {
        try (ToyRun run = ToyRun.full(folder, Precision.FLOAT32)) {
            TrainingResult result =
                    run.tuner(FAST.toBuilder().lastBlocks(0).build()).train(Golden.rows());
            assertThat(result.trainableParameters()).isEqualTo(61 * 24);
            assertThat(run.model.trainableWeights()).containsOnlyKeys("lm_head.weight");
        }
    }

    @Test
    void whatAGroupFreezesOfAnAdapterStaysAsItIs() throws Exception {
        try (ToyRun run = ToyRun.lora(folder, 0)) {
            TrainingConfig config = FAST.toBuilder()
                    .group(ParameterGroup.of("layers.0,lora_A").at(0))
                    .build();
            Map<String, float[]> before = values(run);
            TrainingResult result = run.tuner(config).train(Golden.rows());
            assertThat(result.trainableParameters()).isEqualTo(4 * (24 + 12));
            Map<String, float[]> after = values(run);
            before.forEach((name, values) -> assertThat(Arrays.equals(values, after.get(name)))
                    .as(name)
                    .isEqualTo(!name.contains("layers.1.") || !name.contains("lora_B")));
        }
    }

    @Test
    void groupsThatDoNotGoWithWhatIsTrainedAreRefused() throws Exception {
        try (ToyRun run = ToyRun.lora(folder.resolve("lora"), 0);
                ToyRun full = ToyRun.full(folder.resolve("full"), Precision.FLOAT32)) {
            assertThatThrownBy(() -> run.tuner(FAST.toBuilder().lastBlocks(1).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the last 1 layers can be chosen where a whole model is trained; an adapter's own settings say"
                                    + " which layers it is in, as layers_to_transform does");
            FineTuner plus = full.tuner(FAST.toBuilder().loraPlus(16).build());
            assertThatThrownBy(() -> plus.train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("LoRA+ is for low-rank updates of layers");
            FineTuner misspelt = full.tuner(
                    FAST.toBuilder().group(ParameterGroup.of("lm_haed").at(0)).build());
            assertThatThrownBy(() -> misspelt.train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"lm_haed\" names no weight (did you mean lm_head?)");
        }
    }
}
