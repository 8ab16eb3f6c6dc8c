package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Models;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten steps with accumulation, clipping, warm-up and decay, against transformers' Trainer. */
class GoldenTraceTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama-full", "bloom-full"})
    void fullFineTuningFollowsTheTrainerOfTransformers(String run) throws Exception {
        Path source = ToyCheckpoint.write(folder, Golden.at("runs", run, "config"));
        Recorder recorder = new Recorder();
        try (Model model = Models.load(source, Device.cpu(), null)) {
            FineTuner.full(model, source, Golden.config(run).build())
                    .listener(recorder)
                    .train(Golden.rows());
        }
        assertFollows(run, recorder);
    }

    private static void assertFollows(String run, Recorder recorder) {
        JsonNode trace = Golden.at("runs", run, "trace");
        assertThat(recorder.steps).hasSize(trace.size());
        for (int i = 0; i < trace.size(); i++) {
            StepReport step = recorder.steps.get(i);
            JsonNode expected = trace.get(i);
            assertThat(step.step()).isEqualTo(expected.get("step").asLong());
            assertThat(step.learningRate())
                    .isCloseTo(expected.get("learning_rate").asDouble(), within(1e-12));
            assertRelative(
                    "loss of step " + step.step(),
                    step.loss(),
                    expected.get("loss").asDouble());
            assertRelative(
                    "norm of step " + step.step(),
                    step.gradNorm(),
                    expected.get("grad_norm").asDouble());
        }
    }

    private static void assertRelative(String what, double value, double expected) {
        assertThat(value).as(what).isCloseTo(expected, within(1e-4 * Math.abs(expected)));
    }
}
