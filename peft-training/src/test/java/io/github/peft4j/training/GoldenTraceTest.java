package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.internal.loop.WeightDecay;
import io.github.peft4j.training.internal.state.Trained;
import io.github.peft4j.training.internal.state.TrainedAdapters;
import io.github.peft4j.training.internal.state.TrainedModel;
import io.github.peft4j.training.progress.TrainingListener;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten steps with accumulation, clipping, warm-up and decay, against transformers' Trainer. */
@Tag("golden")
class GoldenTraceTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-full", "bloom-full", "llama-full-grouped", "bloom-full-grouped", "llama-full-frozen"})
    void fullFineTuningFollowsTheTrainerOfTransformers(String run) throws Exception {
        Path source = ToyCheckpoint.write(folder, Golden.at("runs", run, "config"));
        Recorder recorder = new Recorder();
        try (Model<?> model = Models.load(source, Device.cpu(), null)) {
            FineTuner.full(model, Golden.config(run).build()).listener(recorder).train(Golden.rows());
        }
        assertFollows(run, recorder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-lora", "bloom-lora", "llama-lora-grouped", "llama-lora-plus"})
    void adaptersFollowTheTrainerOfTransformers(String run) throws Exception {
        Path source = ToyCheckpoint.write(folder, Golden.at("runs", run, "config"));
        String[] targets = texts(Golden.at("runs", run, "targets"));
        Recorder recorder = new Recorder();
        try (Model<?> model = Models.load(source, Device.cpu(), null)) {
            PeftModel<?> peft = PeftModel.attach(
                    model,
                    LoraConfig.builder(4, 8)
                            .targetModules(targets)
                            .modulesToSave(texts(Golden.at("runs", run).path("modules_to_save")))
                            .build());
            peft.adapter().parameters().forEach(GoldenTraceTest::fill);
            FineTuner.of(peft, Golden.config(run).build()).listener(recorder).train(Golden.rows());
        }
        assertFollows(run, recorder);
    }

    private static String[] texts(JsonNode list) {
        return list.isMissingNode() ? new String[0] : new ObjectMapper().convertValue(list, String[].class);
    }

    private static void fill(String key, Weight weight) {
        String path = key.substring(Adapter.KEY_PREFIX.length());
        float[] values = ToyCheckpoint.weight(path, (int) weight.size());
        try (NDArray array = weight.scope().floats(values, weight.shape().getShape())) {
            weight.assign(array);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-full", "bloom-full", "llama-lora"})
    void theSameWeightsAreSparedFromDecay(String run) throws Exception {
        Path source = ToyCheckpoint.write(folder, Golden.at("runs", run, "config"));
        try (Model<?> model = Models.load(source, Device.cpu(), null)) {
            Trained trained = run.endsWith("full")
                    ? TrainedModel.of(model)
                    : new TrainedAdapters(
                            PeftModel.attach(model, LoraConfig.builder(4, 8).build()));
            WeightDecay decay = WeightDecay.of(trained);
            assertThat(trained.weights().keySet().stream()
                            .filter(name -> !decay.applies(name))
                            .sorted())
                    .containsExactly(texts(Golden.at("runs", run, "spared")));
        }
    }

    private static void assertFollows(String run, Recorder recorder) {
        JsonNode trace = Golden.at("runs", run, "trace");
        assertThat(recorder.steps).hasSize(trace.size());
        for (int i = 0; i < trace.size(); i++) {
            TrainingListener.Step step = recorder.steps.get(i);
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
