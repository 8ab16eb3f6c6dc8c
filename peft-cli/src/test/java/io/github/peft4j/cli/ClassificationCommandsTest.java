package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model becomes a classifier, is trained, judged, asked and merged. */
class ClassificationCommandsTest {

    private static final Object[] TASK = {"--task", "sequence-classification", "--labels", "no,yes"};

    @TempDir
    private Path work;

    private Path model;
    private Path rows;
    private Path adapter;

    @BeforeEach
    void write() throws IOException {
        model = Toy.modelWithText(work.resolve("model"));
        rows = Toy.animals(work.resolve("rows.jsonl"));
        adapter = work.resolve("adapter");
    }

    private CommandRun train(Object... more) {
        return CommandRun.done(CommandRun.and(
                CommandRun.and(
                        new Object[] {
                            "train",
                            "--model",
                            model,
                            "--data",
                            rows,
                            "--output",
                            adapter,
                            "--steps",
                            40,
                            "--learning-rate",
                            0.05,
                            "--batch-size",
                            4,
                            "--json"
                        },
                        TASK),
                more));
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void aLanguageModelLearnsToClassify() throws IOException {
        CommandRun trained = train("--eval-data", rows);
        assertThat(trained.json().get(0).get("loss").asDouble()).isCloseTo(Math.log(2), within(0.2));
        assertThat(trained.json().get(40).get("eval_accuracy").asDouble()).isEqualTo(1);
        assertThat(Files.readString(adapter.resolve("adapter_config.json")))
                .contains("\"task_type\": \"SEQ_CLS\"", "\"classifier\"", "\"score\"");

        // The adapter says what it is for, and how many outputs there are.
        JsonNode judged = CommandRun.done(
                        "eval", "--model", model, "--adapter", adapter, "--data", rows, "--labels", "no,yes", "--json")
                .lastJson();
        assertThat(names(judged))
                .startsWith(
                        "loss", "accuracy", "f1_macro", "f1_micro", "matthews_corrcoef", "f1", "precision", "recall")
                .endsWith("roc_auc", "average_precision", "confusion_matrix", "rows", "seconds");
        assertThat(judged.get("accuracy").asDouble()).isEqualTo(1);
        assertThat(judged.get("roc_auc").asDouble()).isEqualTo(1);
        assertThat(judged.get("confusion_matrix")).hasToString("[[4,0],[0,4]]");
        assertThat(judged.get("rows").asInt()).isEqualTo(8);

        CommandRun predicted = CommandRun.done(
                "predict", "--model", model, "--adapter", adapter, "--data", rows, "--labels", "no,yes", "--json");
        JsonNode first = predicted.json().get(0);
        assertThat(names(first)).containsExactly("label", "label_id", "scores", "logits");
        assertThat(first.get("label").asText()).isEqualTo("no");
        assertThat(first.get("scores").get(0).asDouble()
                        + first.get("scores").get(1).asDouble())
                .isCloseTo(1, within(1e-9));
        assertThat(predicted.json().get(7).get("label_id").asInt()).isEqualTo(1);
        assertThat(predicted.lastJson().get("rows").asInt()).isEqualTo(8);

        Path merged = work.resolve("merged");
        CommandRun.done("merge", "--model", model, "--adapter", adapter, "--labels", "no,yes", "--output", merged);
        JsonNode again = CommandRun.done("eval", "--model", merged, "--data", rows, "--json")
                .lastJson();
        assertThat(again.get("loss").asDouble()).isCloseTo(judged.get("loss").asDouble(), within(1e-3));
        assertThat(Files.readString(merged.resolve("config.json")))
                .contains("LlamaForSequenceClassification", "\"yes\"", "id2label");
    }

    @Test
    void theBestByAMetricIsWhatIsSaved() throws IOException {
        Object[] best = {"--eval-data", rows, "--eval-every", 4, "--best-metric", "f1_macro", "--early-stopping", 2};
        CommandRun trained = train(best);
        List<JsonNode> evaluations = trained.json().stream()
                .filter(line -> line.has("eval_f1_macro"))
                .toList();
        double highest = evaluations.stream()
                .mapToDouble(line -> line.get("eval_f1_macro").asDouble())
                .max()
                .orElseThrow();
        JsonNode done = trained.lastJson();
        assertThat(names(done)).endsWith("warnings", "best_metric", "best_value", "best_step", "output");
        assertThat(done.get("best_metric").asText()).isEqualTo("f1_macro");
        assertThat(done.get("best_value").asDouble()).isEqualTo(highest);
        assertThat(done.get("steps").asInt())
                .isEqualTo(done.get("best_step").asInt() + 8)
                .isLessThan(40);
        assertThat(trained.err()).contains("stopped early after step " + done.get("steps"));
        assertThat(adapter.resolve("checkpoint-" + done.get("best_step"))).isDirectory();
        JsonNode judged = CommandRun.done(
                        "eval", "--model", model, "--adapter", adapter, "--data", rows, "--labels", "no,yes", "--json")
                .lastJson();
        assertThat(judged.get("f1_macro").asDouble()).isEqualTo(highest);
        assertThat(judged.get("loss").asDouble())
                .isCloseTo(
                        evaluations.stream()
                                .filter(line -> line.get("step").equals(done.get("best_step")))
                                .findFirst()
                                .orElseThrow()
                                .get("eval_loss")
                                .asDouble(),
                        within(1e-6));
    }

    @Test
    void aMetricThatIsNoneIsRefusedWithThoseThereAre() {
        CommandRun run = CommandRun.of(CommandRun.and(
                new Object[] {
                    "train",
                    "--model",
                    model,
                    "--data",
                    rows,
                    "--output",
                    adapter,
                    "--eval-data",
                    rows,
                    "--eval-every",
                    1,
                    "--best-metric",
                    "f1_marco"
                },
                TASK));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("the best weights are to be kept by f1_marco", "expected one of loss, accuracy, f1_macro,");
    }

    @Test
    void whatIsNotDefinedIsNullAndSaysWhy() throws IOException {
        train();
        Files.write(rows, Files.readAllLines(rows).subList(0, 3));
        Object[] eval = {"eval", "--model", model, "--adapter", adapter, "--data", rows, "--labels", "no,yes"};
        CommandRun evaluated = CommandRun.done(CommandRun.and(eval, "--json"));
        assertThat(evaluated.lastJson().get("roc_auc").isNull()).isTrue();
        assertThat(evaluated.lastJson().get("undefined")).hasToString("[\"roc_auc: no row has class 1\"]");
        assertThat(CommandRun.done(eval).out())
                .containsPattern("(?m)^roc auc +-$")
                .containsPattern("(?m)^confusion matrix +\\[3, 0] \\[0, 0]$");
    }

    @Test
    void anEvaluationWithoutNamesKnowsHowManyOutputsThereAre() throws IOException {
        train();
        Files.delete(adapter.resolve("labels.json"));
        CommandRun predicted = CommandRun.done("predict", "--model", model, "--adapter", adapter, "--data", rows);
        assertThat(predicted.out()).contains("LABEL_0", "LABEL_1");
    }

    @Test
    void anAdapterWhoseHeadIsNoneIsRefused() throws IOException {
        train();
        for (List<Long> shape : List.of(List.<Long>of(), List.of(0L, 16L), List.of(1L << 21, 1L), List.of(16L))) {
            Path file = adapter.resolve("adapter_model.safetensors");
            TensorInfo info = new TensorInfo("base_model.model.score.weight", StoredType.F32, shape);
            SafetensorsWriter.write(
                    file, Map.of("format", "pt"), List.of(TensorSource.of(info, ByteBuffer.allocate((int)
                            info.byteSize()))));
            CommandRun run = CommandRun.of("predict", "--model", model, "--adapter", adapter, "--data", rows);
            assertThat(run.code()).as("%s: %s", shape, run.err()).isEqualTo(2);
            assertThat(run.err()).contains("score.weight");
        }
    }

    @Test
    void scoresAreLearnedWhereThereIsOneOutput() throws IOException {
        Files.writeString(rows, "{\"input_ids\":[3,4,5],\"label\":0.5}\n{\"input_ids\":[6,7],\"label\":-1}\n");
        CommandRun.done(
                "train",
                "--model",
                model,
                "--data",
                rows,
                "--output",
                adapter,
                "--steps",
                2,
                "--task",
                "sequence-classification",
                "--num-labels",
                1);
        JsonNode judged = CommandRun.done("eval", "--model", model, "--adapter", adapter, "--data", rows, "--json")
                .lastJson();
        assertThat(names(judged))
                .containsExactly("loss", "mse", "mae", "pearsonr", "spearmanr", "r2", "rows", "seconds");
        assertThat(judged.get("mse").asDouble()).isCloseTo(judged.get("loss").asDouble(), within(1e-6));
        JsonNode first = CommandRun.done("predict", "--model", model, "--adapter", adapter, "--data", rows, "--json")
                .json()
                .get(0);
        assertThat(names(first)).containsExactly("score", "logits");
    }

    @Test
    void rowsAndOptionsThatDoNotFitAreRefused() throws IOException {
        refused(
                "label \"maybe\" is none of the model's: expected one of [\"no\", \"yes\"]",
                "{\"text\":\"a cat\",\"label\":\"maybe\"}");
        refused("label must be a number from 0 to 1, got 2", "{\"text\":\"a cat\",\"label\":2}");
        refused("there is no label: expected the number or the name of a class", "{\"text\":\"a cat\"}");
        refused("label must be the number or the name of a class", "{\"text\":\"a cat\",\"label\":[1,2,3]}");
        refused("expected input_ids or text, and label; got the keys", "{\"prompt\":\"a cat\"}");
        assertThat(CommandRun.of("eval", "--model", model, "--data", rows, "--task", "guessing")
                        .err())
                .startsWith("error: --task: expected one of causal-lm, sequence-classification, token-classification,"
                        + " masked-lm, embedding, got guessing");
        assertThat(CommandRun.of("eval", "--model", model, "--data", rows, "--num-labels", 2)
                        .err())
                .startsWith("error: --num-labels, --labels and --problem-type are for --task sequence-classification");
        assertThat(CommandRun.of(CommandRun.and(
                                new Object[] {
                                    "train", "--model", model, "--data", rows, "--output", adapter, "--no-packing"
                                },
                                TASK))
                        .err())
                .startsWith("error: --no-packing is for next tokens");
        assertThat(CommandRun.of("predict", "--model", model, "--data", rows).err())
                .startsWith("error: predict needs a classifier");
    }

    private void refused(String message, String row) throws IOException {
        Files.writeString(rows, row + "\n");
        CommandRun run = CommandRun.of(CommandRun.and(
                new Object[] {"train", "--model", model, "--data", rows, "--output", adapter, "--steps", 1}, TASK));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message);
        assertThat(adapter).doesNotExist();
    }

    @Test
    void thePageOfARunHasTheConfusionMatrixAndTheWorstRowsByName() throws IOException {
        Path heldOut = work.resolve("held-out.jsonl");
        Files.writeString(heldOut, Files.readString(rows) + "{\"text\":\"the mat says cat\",\"label\":\"yes\"}\n");
        train("--eval-data", heldOut, "--eval-every", 20, "--report", "html");
        assertThat(adapter.resolve("report.html"))
                .content()
                .contains("completed at step 40 of 40", ">Confusion matrix<", ">Worst rows<", ">accuracy<")
                .contains(
                        "<th scope=\"row\">no</th>",
                        "<th scope=\"row\">yes</th>",
                        "<td>yes</td>\n<td>no</td>\n<td>the mat says cat</td>")
                .doesNotContain("<script");
    }

    @Test
    void thePageHasTheEvaluationThatFollowsTheRun() {
        train("--eval-data", rows, "--report", "html");
        assertThat(adapter.resolve("report.html")).content().contains("Held-out rows</caption>", "held-out loss, last");
    }

    private Object[] withoutLabels(Path data, Path output) {
        String options = "train --model %s --task sequence-classification --data %s --steps 2 --output %s";
        return options.formatted(model, data, output).split(" ");
    }

    @Test
    void namesAndTypeAreFoundInTheRowsAndKeptWithTheAdapter() throws IOException {
        Path several = Toy.text(
                work.resolve("several.jsonl"),
                "{\"text\":\"the cat sat\",\"label\":[\"sat\",\"cat\"]}\n"
                        + "{\"text\":\"the dog ran\",\"label\":[\"dog\"]}\n");
        assertThat(CommandRun.done(withoutLabels(several, adapter)).err())
                .contains("labels   as the rows to train on have them: 3, cat, dog, sat");
        assertThat(Files.readString(adapter.resolve("labels.json")))
                .contains("\"0\": \"cat\"", "\"problem_type\": \"multi_label_classification\"");
        JsonNode first = CommandRun.done("predict", "--model", model, "--adapter", adapter, "--data", several, "--json")
                .json()
                .get(0);
        assertThat(first.get("label").isArray()).isTrue();
        assertThat(first.get("logits")).hasSize(3);

        CommandRun other = CommandRun.of(
                "eval", "--model", model, "--adapter", adapter, "--data", several, "--labels", "dog,cat,sat");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err())
                .contains("--labels [\"dog\", \"cat\", \"sat\"] is not what the adapter was trained with, [\"cat\","
                        + " \"dog\", \"sat\"]");
    }

    @Test
    void numbersSayHowManyOutputsThereAre() throws IOException {
        String row = "{\"input_ids\":[5,6],\"label\":%s}\n";
        List<List<String>> cases = List.of(
                List.of("0", "4", "5 outputs"),
                List.of("0.5", "3", "1 outputs"),
                List.of("[0,1,1]", "[1,0,0]", "3 outputs"));
        for (List<String> each : cases) {
            Path data =
                    Toy.text(work.resolve("numbers.jsonl"), row.formatted(each.get(0)) + row.formatted(each.get(1)));
            CommandRun run = CommandRun.done(withoutLabels(data, work.resolve("out" + cases.indexOf(each))));
            assertThat(run.err()).contains("labels   as the rows to train on have them: " + each.get(2));
        }
    }
}
