package io.github.peft4j.training.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryEstimateTest {

    private static final TrainedPart LORA = TrainedPart.newAdapter(
            LoraConfig.builder(2, 4).targetModules("q_proj").build());

    @TempDir
    private Path folder;

    private ConfigJson json;
    private long parameters;

    @BeforeEach
    void write() throws IOException {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            parameters = model.parameterCount();
        }
        // A config is enough.
        Files.delete(folder.resolve("model.safetensors"));
        json = Models.config(folder);
    }

    private MemoryEstimate whole(int rows, int length, boolean recompute) throws IOException {
        return estimate(
                Precision.FLOAT32,
                TrainedPart.wholeModel(),
                ParameterGroups.NONE,
                new MemoryEstimate.Run(rows, length, recompute, null));
    }

    private MemoryEstimate estimate(
            Precision precision, TrainedPart part, ParameterGroups groups, MemoryEstimate.Run run) throws IOException {
        return ModelOutline.count(json, Head.class, precision, part, groups, count -> count.estimate(run));
    }

    @Test
    void aWholeModelCostsItsWeightsAGradientAndTwoMoments() throws IOException {
        MemoryEstimate estimate = whole(2, 64, false);
        assertThat(estimate.weights()).isEqualTo(4 * parameters);
        assertThat(estimate.optimizer()).isEqualTo(12 * parameters);
        assertThat(estimate.adapter()).isZero();
        assertThat(estimate.total()).isEqualTo(16 * parameters + estimate.activations() + MemoryEstimate.RUNTIME);
    }

    @Test
    void anAdapterCostsOnlyItself() throws IOException {
        MemoryEstimate estimate =
                estimate(Precision.BFLOAT16, LORA, ParameterGroups.NONE, new MemoryEstimate.Run(2, 64, false, null));
        assertThat(estimate.weights()).isEqualTo(2 * parameters);
        assertThat(estimate.adapter()).isPositive();
        assertThat(estimate.optimizer()).isEqualTo(3 * estimate.adapter());
    }

    @Test
    void activationsGrowWithTheBatchAndShrinkWhenBlocksAreComputedAgain() throws IOException {
        long plain = whole(2, 64, false).activations();
        assertThat(whole(4, 64, false).activations()).isGreaterThan(plain);
        assertThat(whole(2, 128, false).activations()).isGreaterThan(plain);
        assertThat(whole(2, 64, true).activations()).isLessThan(plain);
    }

    @Test
    void whatIsFrozenOfAModelHasNoGradientAndNoMoments() throws IOException {
        MemoryEstimate all = whole(2, 64, false);
        MemoryEstimate last = estimate(
                Precision.BFLOAT16,
                TrainedPart.wholeModel(),
                ParameterGroups.NONE.withLastBlocks(1),
                new MemoryEstimate.Run(2, 64, false, null));
        long trained = last.optimizer() / 12;
        assertThat(trained).isBetween(1L, parameters - 1);
        assertThat(last.weights()).isEqualTo(2 * (parameters - trained) + 4 * trained);
        assertThat(last.activations()).isLessThan(all.activations());
    }

    @Test
    void aRunInAnotherFormatIsEstimatedAsOnAModelOfThatFormat() throws IOException {
        MemoryEstimate.Run run = new MemoryEstimate.Run(2, 64, true, null);
        MemoryEstimate.Run half = new MemoryEstimate.Run(2, 64, true, null, Precision.BFLOAT16);
        assertThat(estimate(Precision.FLOAT32, LORA, ParameterGroups.NONE, half))
                .isEqualTo(estimate(Precision.BFLOAT16, LORA, ParameterGroups.NONE, run));
    }
}
