package io.github.peft4j.testkit;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.FiniteDifferences;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ToyModelTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void everyToyIsTheSameEachTimeAndComputes(ToyModel model) {
        try (Model<?> first = model.open(folder.resolve("first"), Precision.FLOAT32);
                Model<?> second = model.open(folder.resolve("second"), Precision.FLOAT32)) {
            assertThat(first.config().hiddenSize()).isEqualTo(model.hiddenSize());
            assertThat(first.config().vocabSize()).isEqualTo(ToyModel.VOCABULARY);
            float[] logits = ToyOutputs.logits(first);
            assertSameBits("logits", ToyOutputs.logits(second), logits);
            assertClose("row by row", ToyOutputs.logitsRowByRow(first), logits, 1e-5);
            if (first.head() instanceof LanguageHead) {
                assertClose(
                        "token by token",
                        ToyOutputs.lastLogitsTokenByToken(first.with(LanguageHead.class)),
                        ToyOutputs.lastLogits(first),
                        1e-5);
            }
        }
    }

    @Test
    void anEncoderIsNoCausalModel() {
        assertThatThrownBy(() -> ToyModel.BERT.load(folder, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BertForMaskedLM has a head for masked-lm, expected a LanguageHead");
    }

    @Test
    void modelsOfOneFamilyAreTold() {
        try (Model<LanguageHead> tied = ToyModel.LLAMA_TIED.load(folder.resolve("tied"), Precision.FLOAT32);
                Model<LanguageHead> apart = ToyModel.LLAMA.load(folder.resolve("apart"), Precision.FLOAT32)) {
            assertThat(tied.anatomy().headIsTied()).isTrue();
            assertThat(apart.anatomy().headIsTied()).isFalse();
        }
    }

    @Test
    void theToyLoopLowersTheLossAndClipsByTheNorm() {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            Weight head = model.weightsByPath().get("lm_head.weight");
            head.setTrainable(true);
            float[] before = ToyOutputs.values(head);
            int arrays = model.scope().liveArrays();
            double loss = ToyTraining.loss(model, ToyTraining.rows());
            try (ToyTraining training =
                    new ToyTraining(model, List.of(head), new ToyTraining.Settings(0.5, 1e-8, 0.01))) {
                ToyTraining.Step step = training.step(ToyTraining.rows(), 1e-2);
                assertClose("loss", step.loss(), loss, 1e-6);
                assertThat(step.norm()).isGreaterThan(0.5);
            }
            assertThat(ToyTraining.loss(model, ToyTraining.rows())).isLessThan(loss);
            assertDiffers("weight", ToyOutputs.values(head), before);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void finiteDifferencesFindAWrongGradient() {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            Weight norm = model.weightsByPath().get("model.norm.weight");
            Weight head = model.weightsByPath().get("lm_head.weight");
            FiniteDifferences differences = new FiniteDifferences(model, ToyTraining.rows());
            head.setTrainable(true);
            differences.assertGradient("head", head, 1e-2);
            assertThat(head.gradient()).isNull();
            assertThatThrownBy(() -> differences.assertGradient("norm", norm, 1e-2))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("no gradient of norm");
            assertThatThrownBy(() -> ToyOutputs.gradients(java.util.Map.of("norm", norm)))
                    .hasMessage("no gradient of norm");
            FiniteDifferences none = new FiniteDifferences(model, ToyTraining.rows());
            assertThatThrownBy(() -> none.assertGradient("head", head, 0))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("slope along the gradient of head is ");
        }
    }

    @Test
    void goldenFilesAreReadAndMissingOnesNamed() throws IOException {
        Path file = ToyModel.LLAMA.write(folder).resolve("model.safetensors");
        try (GoldenTensors golden = GoldenTensors.open(file);
                Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            assertSameBits(
                    "head",
                    golden.floats("lm_head.weight"),
                    ToyOutputs.values(model.weightsByPath().get("lm_head.weight")));
            assertThat(golden.shapes("lm_")).containsOnly(java.util.Map.entry("head.weight", List.of(48L, 16L)));
            assertThat(golden.names()).contains("model.norm.weight");
            assertThat(golden.metadata("format")).isEqualTo("pt");
            assertThatThrownBy(() -> golden.metadata("versions"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("has no metadata versions");
            assertThatThrownBy(() -> golden.floats("nothing"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("nothing");
        }
        assertThatThrownBy(() -> GoldenTensors.open(folder.resolve("absent")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("cannot read the fixture");
        assertThatThrownBy(() -> GoldenTensors.resource(ToyModelTest.class, "absent"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no fixture absent");
        assertThat(Files.isDirectory(GoldenTensors.resource(ToyModelTest.class, "/")))
                .isTrue();
    }

    @Test
    void aGoldenTensorOfAnotherTypeIsRefused() throws IOException {
        Path file = folder.resolve("half.safetensors");
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder.resolve("model"), Precision.BFLOAT16)) {
            NDArray array = model.weightsByPath().get("model.norm.weight").array();
            io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter.write(
                    file,
                    java.util.Map.of(),
                    List.of(io.github.peft4j.models.nn.weights.internal.StoredArrays.source(
                            "x", array, model.scope().kernels())));
        }
        try (GoldenTensors golden = GoldenTensors.open(file)) {
            assertThatThrownBy(() -> golden.floats("x"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("x is BF16, expected F32");
        }
    }
}
