package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.evaluation.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a run's checkpoints hold. */
class SavedRunTest extends HalfARun {

    @Test
    void theStateIsWrittenUnderTheNamesOfTransformers() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        String text = Files.readString(checkpoint.resolve("trainer_state.json"));
        JsonNode state = new ObjectMapper().readTree(text);
        assertThat(text).endsWith("}\n");
        assertThat(state.get("global_step").asInt()).isEqualTo(5);
        assertThat(state.get("max_steps").asInt()).isEqualTo(10);
        assertThat(state.get("num_train_epochs").asInt()).isEqualTo(4);
        assertThat(state.get("epoch").asDouble()).isCloseTo(1.8, within(1e-9));
        assertThat(state.get("train_batch_size").asInt()).isEqualTo(2);
        assertThat(state.get("save_steps").asInt()).isEqualTo(5);
        JsonNode logged = state.get("log_history").get(4);
        assertThat(logged.fieldNames())
                .toIterable()
                .containsExactly("epoch", "grad_norm", "learning_rate", "loss", "step");
        // Exactly the fields of transformers 5's TrainerState, which accepts no others.
        assertThat(state.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "best_global_step",
                        "best_metric",
                        "best_model_checkpoint",
                        "epoch",
                        "eval_steps",
                        "global_step",
                        "is_hyper_param_search",
                        "is_local_process_zero",
                        "is_world_process_zero",
                        "log_history",
                        "logging_steps",
                        "max_steps",
                        "num_input_tokens_seen",
                        "num_train_epochs",
                        "save_steps",
                        "stateful_callbacks",
                        "total_flos",
                        "train_batch_size",
                        "trial_name",
                        "trial_params");
    }

    @Test
    void anAdapterCheckpointHoldsWhatHuggingFaceReadsAndBesideItWhatTheMethodDoesNotSave() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        assertThat(files(checkpoint))
                .containsExactly(
                        "README.md",
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "optimizer.safetensors",
                        "trainer_state.json");
        String weight = ToyRun.TARGET + ".toy.weight";
        try (Checkpoint saved = Checkpoint.open(checkpoint.resolve("optimizer.safetensors"))) {
            assertThat(saved.names())
                    .containsExactlyInAnyOrder("exp_avg." + weight, "exp_avg_sq." + weight, "step", "weight." + weight);
        }
        try (Model<?> model = Models.load(folder.resolve("base"), Device.cpu(), null)) {
            PeftModel<?> loaded = PeftModel.load(model, checkpoint);
            assertThat(loaded.adapter().config().peftType()).isEqualTo("TOY");
        }
    }

    @Test
    void anAdapterThatIsSavedInFullIsStoredOnce() throws Exception {
        Path checkpoint = firstHalf(Kind.LORA);
        try (Checkpoint saved = Checkpoint.open(checkpoint.resolve("optimizer.safetensors"))) {
            assertThat(saved.names()).hasSize(2 * 8 + 1).noneMatch(name -> name.startsWith("weight."));
        }
    }

    @Test
    void aFullCheckpointIsAnOrdinaryOneAndHoldsItsMastersOnce() throws Exception {
        Files.createDirectories(folder.resolve("base"));
        Files.writeString(folder.resolve("base/tokenizer.json"), "{}");
        Path checkpoint = firstHalf(Kind.FULL);
        assertThat(files(checkpoint))
                .containsExactly(
                        "config.json",
                        "model.safetensors",
                        "optimizer.safetensors",
                        "tokenizer.json",
                        "trainer_state.json");
        try (Checkpoint saved = Checkpoint.open(checkpoint.resolve("optimizer.safetensors"))) {
            assertThat(saved.names()).noneMatch(name -> name.startsWith("weight."));
        }
        try (Model<?> model = Models.load(checkpoint, Device.cpu(), null)) {
            assertThat(new Evaluation(Golden.rows()).run(model).loss()).isPositive();
        }
    }

    @Test
    void aShortFormatIsSavedAsSuchWithItsMastersBesideIt() throws Exception {
        Path checkpoint = firstHalf(Kind.FULL_BFLOAT16);
        JsonNode config =
                new ObjectMapper().readTree(checkpoint.resolve("config.json").toFile());
        assertThat(config.get("dtype").asText()).isEqualTo("bfloat16");
        try (Checkpoint weights = Checkpoint.open(checkpoint);
                Checkpoint saved = Checkpoint.open(checkpoint.resolve("optimizer.safetensors"))) {
            assertThat(weights.info("model.norm.weight").type()).hasToString("BF16");
            assertThat(saved.info("weight.model.norm.weight").type()).hasToString("F32");
        }
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
