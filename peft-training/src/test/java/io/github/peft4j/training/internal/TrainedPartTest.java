package io.github.peft4j.training.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainedPartTest {

    private static final LoraConfig LORA =
            LoraConfig.builder(2, 4).targetModules("q_proj").build();

    @TempDir
    private Path folder;

    private Model<LanguageHead> model() {
        return ToyModel.LLAMA.load(folder, Precision.FLOAT32);
    }

    @Test
    void aNewAdapterIsTrainableAndItsMethodSaysWhereToBegin() throws IOException {
        TrainedPart part = TrainedPart.newAdapter(LORA);
        assertThat(part.method()).isEqualTo("lora");
        assertThat(part.defaults().learningRate()).isEqualTo(2e-4);
        assertThat(part.saved()).isEmpty();
        try (Model<LanguageHead> base = model()) {
            PeftModel<?> peft = part.attach(base, 1).orElseThrow();
            assertThat(peft.adapter().trainable()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aSavedAdapterGoesOnAsItWasSaved(@TempDir Path saved) throws IOException {
        try (Model<LanguageHead> base = model()) {
            TrainedPart.newAdapter(LORA).attach(base, 1).orElseThrow().save(saved);
        }
        TrainedPart part = TrainedPart.savedAdapter(saved);
        assertThat(part.method()).isEqualTo("lora");
        assertThat(part.saved()).contains(saved);
        try (Model<LanguageHead> base = model()) {
            PeftModel<?> peft = part.attach(base, 2).orElseThrow();
            assertThat(peft.adapter().trainable()).isNotEmpty();
        }
    }

    @Test
    void aFolderWithoutAnAdapterIsRefused() {
        assertThatThrownBy(() -> TrainedPart.savedAdapter(folder)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void allOfAModelNeedsNoAdapter() throws IOException {
        TrainedPart part = TrainedPart.wholeModel();
        assertThat(part.method()).isEqualTo(TrainedPart.FULL);
        assertThat(part.defaults().learningRate()).isEqualTo(2e-5);
        try (Model<LanguageHead> base = model()) {
            assertThat(part.attach(base, 0)).isEmpty();
            assertThat(TrainedPart.tuner(
                            base,
                            Optional.empty(),
                            TrainingConfig.builder().steps(1).learningRate(1e-3).build()))
                    .isNotNull();
        }
    }
}
