package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

    @TempDir
    private Path work;

    private Path model;
    private Path data;
    private Path output;

    @BeforeEach
    void write() {
        model = Toy.model(work.resolve("model"));
        data = Toy.rows(work.resolve("rows.jsonl"), 12);
        output = work.resolve("adapter");
    }

    private Object[] train(Object... more) {
        return CommandRun.and(new Object[] {"train", "--model", model, "--data", data, "--output", output}, more);
    }

    private static List<JsonNode> steps(CommandRun run) {
        return run.json().stream().filter(line -> line.has("loss")).toList();
    }

    private static List<Double> losses(CommandRun run) {
        return steps(run).stream().map(line -> line.get("loss").asDouble()).toList();
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void everyStepIsALineOfJson() {
        CommandRun run = CommandRun.of(train("--steps", 3, "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(steps(run))
                .hasSize(3)
                .allSatisfy(line -> assertThat(names(line))
                        .containsExactly(
                                "step",
                                "loss",
                                "grad_norm",
                                "learning_rate",
                                "tokens",
                                "supervised_tokens",
                                "seconds"));
        assertThat(steps(run)).extracting(line -> line.get("step").asInt()).containsExactly(1, 2, 3);
        assertThat(losses(run)).allMatch(loss -> loss > 0 && Double.isFinite(loss));
    }

    @Test
    void theLastLineSumsUp() {
        CommandRun run = CommandRun.of(train("--steps", 2, "--json"));
        JsonNode last = run.lastJson();
        assertThat(names(last))
                .containsExactly(
                        "done",
                        "steps",
                        "tokens_per_s",
                        "data_share",
                        "peak_rss_mib",
                        "trainable_parameters",
                        "all_parameters",
                        "warnings",
                        "output");
        assertThat(last.get("warnings")).isEmpty();
        assertThat(last.get("done").asBoolean()).isTrue();
        assertThat(last.get("steps").asInt()).isEqualTo(2);
        assertThat(last.get("output").asText()).isEqualTo(output.toString());
        // r (in + out) of q_proj [16, 16] and v_proj [8, 16], in two layers
        assertThat(last.get("trainable_parameters").asInt()).isEqualTo(2 * 8 * (16 + 16 + 16 + 8));
    }

    @Test
    void theAdapterIsSavedAsHuggingFaceLaysItOut() {
        assertThat(CommandRun.of(train("--steps", 1)).code()).isZero();
        assertThat(output).isDirectoryContaining("glob:**adapter_config.json");
        assertThat(output.resolve("adapter_config.json"))
                .content()
                .contains("\"task_type\": \"CAUSAL_LM\"", "\"base_model_name_or_path\": \"" + model + "\"");
        JsonNode inspected = CommandRun.of("inspect", output, "--json").lastJson();
        assertThat(inspected.get("kind").asText()).isEqualTo("adapter");
        assertThat(inspected.get("peft_type").asText()).isEqualTo("LORA");
        assertThat(inspected.get("tensors").asInt()).isEqualTo(8);
    }

    @Test
    void peopleSeeATable() {
        CommandRun run = CommandRun.of(train("--steps", 2));
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("learning rate", "tokens per s").doesNotContain("{");
        assertThat(run.err()).contains("model ", "LlamaForCausalLM", "data ", "12 rows");
    }

    @Test
    void equalSeedsGiveEqualNumbers() {
        List<Double> first = losses(CommandRun.of(train("--steps", 3, "--json", "--seed", 7)));
        output = work.resolve("again");
        assertThat(losses(CommandRun.of(train("--steps", 3, "--json", "--seed", 7))))
                .isEqualTo(first);
        output = work.resolve("other");
        assertThat(losses(CommandRun.of(train("--steps", 3, "--json", "--seed", 8))))
                .isNotEqualTo(first);
    }

    @Test
    void paddingChangesNoNumber() {
        CommandRun packed = CommandRun.of(train("--steps", 3, "--json"));
        output = work.resolve("padded");
        CommandRun padded = CommandRun.of(train("--steps", 3, "--json", "--no-packing"));
        for (int i = 0; i < 3; i++) {
            JsonNode one = steps(packed).get(i);
            JsonNode other = steps(padded).get(i);
            assertThat(other.get("loss").asDouble()).isCloseTo(one.get("loss").asDouble(), within(1e-5));
            assertThat(other.get("grad_norm").asDouble())
                    .isCloseTo(one.get("grad_norm").asDouble(), within(1e-4));
            assertThat(other.get("tokens")).isEqualTo(one.get("tokens"));
        }
    }

    @Test
    void recomputingChangesNoNumber() {
        List<Double> saved = losses(CommandRun.of(train("--steps", 2, "--json")));
        output = work.resolve("recomputed");
        assertThat(losses(CommandRun.of(train("--steps", 2, "--json", "--checkpointing"))))
                .isEqualTo(saved);
    }

    @Test
    void accumulatedBatchesAreOneStep() {
        CommandRun whole = CommandRun.of(train("--steps", 1, "--json", "--no-shuffle", "--batch-size", 4));
        output = work.resolve("parts");
        CommandRun parts = CommandRun.of(
                train("--steps", 1, "--json", "--no-shuffle", "--batch-size", 1, "--gradient-accumulation", 4));
        assertThat(losses(parts).get(0)).isCloseTo(losses(whole).get(0), within(1e-5));
    }

    @Test
    void epochsAreCountedInSteps() {
        JsonNode last = CommandRun.of(train("--epochs", 0.5, "--batch-size", 2, "--json"))
                .lastJson();
        assertThat(last.get("steps").asInt()).isEqualTo(3);
    }

    @Test
    void heldOutRowsAreEvaluatedOnTheWayAndAtTheEnd() {
        Path heldOut = Toy.rows(work.resolve("held.jsonl"), 3);
        CommandRun run = CommandRun.of(train("--steps", 3, "--json", "--eval-data", heldOut, "--eval-every", 2));
        List<JsonNode> evaluations =
                run.json().stream().filter(line -> line.has("eval_nll")).toList();
        assertThat(evaluations).extracting(line -> line.get("step").asInt()).containsExactly(2, 3);
        assertThat(names(evaluations.get(0))).containsExactly("step", "eval_nll");
        JsonNode evaluated = CommandRun.of("eval", "--model", model, "--adapter", output, "--data", heldOut, "--json")
                .lastJson();
        assertThat(evaluated.get("nll").asDouble())
                .isCloseTo(evaluations.get(1).get("eval_nll").asDouble(), within(1e-6));
    }

    @Test
    void reportsAreWritten() {
        assertThat(CommandRun.of(train("--steps", 2, "--report", "csv,plot,tensorboard"))
                        .code())
                .isZero();
        assertThat(output.resolve("metrics.csv")).content().startsWith("step,loss,");
        assertThat(output.resolve("loss.png")).isNotEmptyFile();
        assertThat(output.resolve("runs")).isNotEmptyDirectory();
    }

    @Test
    void aReportThatFailsIsNamedAndTheRunGoesOn() throws IOException {
        Path picture = output.resolve("loss.png");
        Files.createDirectories(picture.resolve("not a file"));
        CommandRun run = CommandRun.of(train("--steps", 1, "--resume", "--report", "plot"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("warning: training goes on without the picture " + picture + ", which failed: cannot write "
                        + picture + ": ");
        assertThat(output.resolve("adapter_model.safetensors")).exists();
    }

    @Test
    void aRunThatGoesNowhereSaysSoWhileItDoesAndAtTheEnd() {
        CommandRun run = CommandRun.of(
                train("--method", "full", "--steps", 20, "--learning-rate", 3, "--schedule", "constant", "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.lastJson().get("warnings")).extracting(JsonNode::asText).containsExactly("diverged");
        assertThat(run.err().lines().filter(line -> line.startsWith("warning: the run has diverged: the loss was ")))
                .hasSize(1);
        assertThat(run.err()
                        .lines()
                        .filter(line -> line.startsWith("warning: still so at the end: the run has diverged: ")))
                .hasSize(1);
    }

    @Test
    void aRunThatIsResumedEndsLikeOneThatWasNotInterrupted() throws IOException {
        List<Double> whole =
                losses(CommandRun.of(train("--steps", 6, "--json", "--save-every", 2, "--schedule", "constant")));
        output = work.resolve("resumed");
        List<Double> first =
                losses(CommandRun.of(train("--steps", 4, "--json", "--save-every", 2, "--schedule", "constant")));
        CommandRun run = CommandRun.of(
                train("--steps", 6, "--json", "--save-every", 2, "--schedule", "constant", "--resume", "--keep", 1));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(steps(run)).extracting(line -> line.get("step").asInt()).containsExactly(5, 6);
        assertThat(first).isEqualTo(whole.subList(0, 4));
        assertThat(losses(run)).isEqualTo(whole.subList(4, 6));
        assertThat(TrainingCheckpoints.in(output)).hasSize(1);
        assertThat(output.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(work.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void resumingWithoutACheckpointBeginsWithTheFirstStep() {
        CommandRun run = CommandRun.of(train("--steps", 1, "--json", "--resume", "--save-every", 1));
        assertThat(run.code()).isZero();
        assertThat(run.err()).contains("there is no checkpoint in " + output + " yet");
        assertThat(steps(run)).hasSize(1);
    }

    @Test
    void aSavedAdapterIsTrainedOn() {
        Object[] first = train("--steps", 4, "--json", "--learning-rate", 0.01, "--no-shuffle");
        double before = losses(CommandRun.of(first)).get(0);
        Path saved = output;
        output = work.resolve("further");
        CommandRun run = CommandRun.of(train("--steps", 1, "--json", "--init-adapter", saved, "--no-shuffle"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(losses(run).get(0)).isLessThan(before);
        assertThat(output.resolve("adapter_config.json")).exists();
    }

    @Test
    void aConfigFileSaysWhatIsTrained() {
        Path config = Toy.text(
                work.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"target_modules\":[\"o_proj\"],\"task_type\":\"CAUSAL_LM\"}");
        JsonNode last =
                CommandRun.of(train("--steps", 1, "--json", "--config", config)).lastJson();
        assertThat(last.get("trainable_parameters").asInt()).isEqualTo(2 * 2 * (16 + 16));
        output = work.resolve("changed");
        last = CommandRun.of(train("--steps", 1, "--json", "--config", config, "--set", "r=4"))
                .lastJson();
        assertThat(last.get("trainable_parameters").asInt()).isEqualTo(2 * 4 * (16 + 16));
    }

    @Test
    void allWeightsAreTrainedAndSavedAsACheckpoint() {
        CommandRun run = CommandRun.of(train("--steps", 1, "--json", "--method", "full"));
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode last = run.lastJson();
        assertThat(last.get("trainable_parameters")).isEqualTo(last.get("all_parameters"));
        assertThat(CommandRun.of("inspect", output, "--json")
                        .lastJson()
                        .get("kind")
                        .asText())
                .isEqualTo("checkpoint");
    }

    @Test
    void rowsOfTextNeedTheTokenizer() {
        model = Toy.modelWithText(work.resolve("with-text"));
        data = Toy.texts(work.resolve("texts.jsonl"), 6);
        CommandRun run = CommandRun.of(train("--steps", 1, "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(steps(run).get(0).get("supervised_tokens").asInt()).isPositive();
    }

    @Test
    void longRowsAreLeftOutAndCounted() {
        CommandRun run = CommandRun.of(train("--steps", 1, "--max-length", 8, "--json"));
        assertThat(run.code()).isZero();
        assertThat(run.err()).contains("rows left out because they are longer than");
    }

    @Test
    void aRunStopsBetweenMicroBatchesAndLeavesNothingHalfDone() {
        Interruption interruption = Interruption.none();
        StopAfter console = new StopAfter(2, interruption);
        int code = Main.run(new Session(console.console(), interruption), strings(train("--steps", 1000, "--json")));
        Thread.interrupted();
        assertThat(code).isEqualTo(130);
        assertThat(output).doesNotExist();
        assertThat(console.text()).doesNotContain("\"done\"");
    }

    @Test
    void aStoppedRunThatSavesCanGoOn() throws IOException {
        Interruption interruption = Interruption.none();
        StopAfter console = new StopAfter(3, interruption);
        int code = Main.run(
                new Session(console.console(), interruption),
                strings(train("--steps", 5, "--json", "--save-every", 100)));
        Thread.interrupted();
        assertThat(code).isEqualTo(130);
        assertThat(TrainingCheckpoints.in(output)).hasSize(1);
        CommandRun rest = CommandRun.of(train("--steps", 5, "--json", "--save-every", 100, "--resume"));
        assertThat(steps(rest)).extracting(line -> line.get("step").asInt()).containsExactly(4, 5);
    }

    @Test
    void aRunThatDivergesFailsAndSaysWhatToDo() throws IOException {
        CommandRun run = CommandRun.of(train("--steps", 50, "--json", "--method", "full", "--learning-rate", 1e30));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("error: the loss is", "Lower the learning rate");
        assertThat(Files.exists(output)).isFalse();
    }

    private static String[] strings(Object[] arguments) {
        return java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
    }
}
