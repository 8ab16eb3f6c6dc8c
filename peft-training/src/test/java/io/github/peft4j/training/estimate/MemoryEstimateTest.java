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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryEstimateTest {

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
        return ModelOutline.estimate(
                json,
                Head.class,
                Precision.FLOAT32,
                TrainedPart.wholeModel(),
                new MemoryEstimate.Run(rows, length, recompute, null));
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
        MemoryEstimate estimate = ModelOutline.estimate(
                json,
                Head.class,
                Precision.BFLOAT16,
                TrainedPart.newAdapter(
                        LoraConfig.builder(2, 4).targetModules("q_proj").build()),
                new MemoryEstimate.Run(2, 64, false, null));
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
}
