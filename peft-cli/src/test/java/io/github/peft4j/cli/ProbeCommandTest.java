package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A logistic regression takes the place of a classifier's output layer. */
class ProbeCommandTest {

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

    private Object[] probe(Object... more) {
        return CommandRun.and(
                CommandRun.and(
                        new Object[] {
                            "train",
                            "--model",
                            model,
                            "--data",
                            rows,
                            "--output",
                            adapter,
                            "--method",
                            "probe",
                            "--json"
                        },
                        TASK),
                more);
    }

    @Test
    void aProbeIsACheckpointWithAHeadThatWasSolvedFor() {
        CommandRun probed = CommandRun.done(probe("--set", "C=100", "--eval-data", rows));
        assertThat(probed.json()).hasSize(2);
        assertThat(probed.json().get(0).get("eval_accuracy").asDouble()).isEqualTo(1);
        assertThat(probed.lastJson().get("trainable_parameters").asInt()).isEqualTo(2 * 16);
        assertThat(probed.lastJson().get("steps").asInt()).isPositive();
        JsonNode judged = CommandRun.done("eval", "--model", adapter, "--data", rows, "--json")
                .lastJson();
        assertThat(judged.get("loss").asDouble())
                .isCloseTo(probed.json().get(0).get("eval_loss").asDouble(), within(1e-5));
        JsonNode first = CommandRun.done("predict", "--model", adapter, "--data", rows, "--json")
                .json()
                .get(0);
        assertThat(first.get("label").asText()).isEqualTo("no");
    }

    @Test
    void aProbeRefusesWhatIsForSteps() {
        refusedProbe(
                "error: --method probe solves for the head at once and takes no steps: leave out --steps, --layer-decay, --resume",
                "--resume",
                "--layer-decay",
                0.9,
                "--steps",
                3);
        refusedProbe("error: --set c=2: the method probe has one setting, C", "--set", "c=2");
        refusedProbe("error: --set C=two: C must be a number above 0", "--set", "C=two");
        refusedProbe("error: C must be above 0, got -1.0", "--set", "C=-1");
        CommandRun causal = CommandRun.of(
                "train",
                "--model",
                model,
                "--data",
                Toy.texts(work.resolve("t.jsonl"), 2),
                "--output",
                adapter,
                "--method",
                "probe");
        assertThat(causal.code()).isEqualTo(2);
        assertThat(causal.err()).contains("has a head for causal-lm");
        assertThat(CommandRun.of("estimate", "--model", model, "--method", "probe")
                        .err())
                .contains("a probe is solved for without gradients");
        assertThat(CommandRun.of("quickstart", "--method", "probe").err())
                .contains("the method probe is for classifiers");
    }

    private void refusedProbe(String message, Object... more) {
        CommandRun run = CommandRun.of(probe(more));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).startsWith(message);
        assertThat(adapter).doesNotExist();
    }
}
