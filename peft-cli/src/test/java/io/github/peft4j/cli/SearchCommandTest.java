package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchCommandTest {

    @TempDir
    private Path work;

    private Path model;
    private Path data;
    private Path heldOut;
    private Path output;

    @BeforeEach
    void write() {
        model = Toy.model(work.resolve("model"));
        data = Toy.rows(work.resolve("rows.jsonl"), 12);
        heldOut = Toy.rows(work.resolve("held-out.jsonl"), 5);
        output = work.resolve("search");
    }

    private CommandRun search(Object... more) {
        Object[] fixed = {
            "search", "--model", model, "--data", data, "--eval-data", heldOut, "--output", output, "--json"
        };
        return CommandRun.of(CommandRun.and(fixed, more));
    }

    private static List<JsonNode> trials(CommandRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        return run.json().stream().filter(line -> line.has("trial")).toList();
    }

    /** Trains with the line that the search told, into another folder. */
    private JsonNode trainAgain(CommandRun search) {
        List<Object> words =
                List.of(Arrays.stream(search.lastJson().get("train").asText().split(" "))
                        .skip(1)
                        .toArray());
        Object[] arguments = words.stream()
                .map(word -> word.equals("--output=DIR") ? "--output=" + work.resolve("again") : word)
                .toArray();
        CommandRun run = CommandRun.of(CommandRun.and(arguments, "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        return run.json().stream()
                .filter(line -> line.has("eval_nll"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theBestTrialIsWhatItsLineTrainsAgainToTheByte() throws IOException {
        CommandRun run = search(
                "--steps",
                6,
                "--batch-size",
                3,
                "--over",
                "learning-rate=1e-4,1e-2",
                "--over",
                "set.r=2,4",
                "--set",
                "lora_alpha=8",
                "--checkpointing");
        assertThat(trials(run)).hasSize(4).allSatisfy(trial -> {
            assertThat(trial.get("metric").asText()).isEqualTo("loss");
            assertThat(trial.get("value").asDouble()).isPositive();
            assertThat(trial.get("seconds").asDouble()).isPositive();
            assertThat(trial.get("problem").isNull()).isTrue();
        });
        JsonNode best = run.lastJson().get("best");
        assertThat(run.lastJson().get("done").asBoolean()).isTrue();
        assertThat(trials(run))
                .allMatch(trial ->
                        trial.get("value").asDouble() >= best.get("value").asDouble());
        assertThat(best.get("settings").get("learning-rate").asText()).isEqualTo("1e-2");
        assertThat(trainAgain(run).get("eval_nll")).isEqualTo(best.get("value"));
        for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
            assertThat(output.resolve("best").resolve(file))
                    .hasSameBinaryContentAs(work.resolve("again").resolve(file));
        }
        assertThat(output.resolve("search.html")).content().contains(">Best<", "set.r", "--learning-rate=1e-2");
    }

    @Test
    void halvingEndsWithWhatATrainingWithoutItGives() throws IOException {
        CommandRun run = search(
                "--steps", 9, "--over", "learning-rate=1e-4:1e-1:log", "--trials", 4, "--halving", 2, "--seed", 5);
        assertThat(trials(run))
                .extracting(trial -> trial.get("share").asDouble())
                .containsExactly(0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1.0);
        assertThat(trainAgain(run).get("eval_nll"))
                .isEqualTo(run.lastJson().get("best").get("value"));
        assertThat(output.resolve("best/adapter_model.safetensors"))
                .hasSameBinaryContentAs(work.resolve("again/adapter_model.safetensors"));
    }

    @Test
    void trialsOfAllMethodsOnOneModelAreThoseOfModelsOfTheirOwn() {
        String methods = "lora,ia3,bitfit,ln-tuning,prompt-tuning,prefix-tuning,full,vera";
        CommandRun run = search(
                "--steps", 2, "--over", "method=" + methods, "--over", "set.r=2", "--over", "set.num_virtual_tokens=3");
        assertThat(trials(run)).hasSize(8);
        for (JsonNode trial : trials(run)) {
            List<Object> arguments = new ArrayList<>(
                    List.of("train", "--model", model, "--data", data, "--eval-data", heldOut, "--steps", 2, "--json"));
            JsonNode settings = trial.get("settings");
            String name = settings.get("method").asText();
            arguments.addAll(List.of("--method", name, "--output", work.resolve(name)));
            for (String key : List.of("r", "num_virtual_tokens")) {
                if (settings.has("set." + key)) {
                    arguments.addAll(List.of(
                            "--set", key + "=" + settings.get("set." + key).asText()));
                }
            }
            CommandRun alone = CommandRun.of(arguments.toArray());
            assertThat(alone.code()).as(alone.err()).isZero();
            assertThat(alone.json().get(2).get("eval_nll")).as(name).isEqualTo(trial.get("value"));
        }
    }

    @Test
    void ratesOfPartsAreSearchedOverAsTrainTakesThem() {
        CommandRun run = search(
                "--steps",
                4,
                "--over",
                "lora-plus-ratio=1,64",
                "--over",
                "train=q_proj=1e-2|q_proj=0",
                "--layer-decay",
                0.5);
        assertThat(trials(run))
                .extracting(trial -> trial.get("value").asDouble())
                .hasSize(4)
                .doesNotHaveDuplicates();
        assertThat(run.lastJson().get("train").asText())
                .contains("--layer-decay=0.5", "--lora-plus-ratio=", "--train=q_proj=");
        assertThat(trainAgain(run).get("eval_nll"))
                .isEqualTo(run.lastJson().get("best").get("value"));
    }

    @Test
    void aTrialThatDoesNotFitTheModelIsRecordedAndTheOthersAreTried() {
        CommandRun run = search("--steps", 2, "--over", "set.target_modules=q_proj,v_proj|nowhere");
        assertThat(trials(run)).extracting(trial -> trial.get("value").isNull()).containsExactly(false, true);
        assertThat(trials(run).get(1).get("problem").asText()).contains("nowhere");
    }

    @Test
    void aSearchWithoutAGoodTrialFails() {
        CommandRun run = search("--steps", 2, "--over", "set.target_modules=nowhere");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lastJson().get("best").isNull()).isTrue();
        assertThat(run.err()).contains("error: no trial could be trained wholly; the first: ", "nowhere");
    }

    @Test
    void aClassifierIsSearchedByWhateverMetricItIsJudgedBy() throws IOException {
        model = Toy.modelWithText(work.resolve("with-text"));
        StringBuilder rows = new StringBuilder();
        for (String word : List.of("cat", "dog", "mat", "tree")) {
            rows.append("{\"text\":\"the ")
                    .append(word)
                    .append("\",\"label\":")
                    .append(word.length() % 2)
                    .append("}\n");
        }
        data = Files.writeString(work.resolve("labels.jsonl"), rows);
        heldOut = data;
        CommandRun run = search(
                "--steps",
                3,
                "--task",
                "sequence-classification",
                "--over",
                "learning-rate=1e-3,1e-2",
                "--metric",
                "accuracy");
        assertThat(trials(run))
                .allMatch(trial -> trial.get("metric").asText().equals("accuracy"))
                .extracting(trial -> trial.get("value").asDouble())
                .allMatch(accuracy -> accuracy >= 0 && accuracy <= 1);
    }

    @Test
    void aSearchGoesOnOnlyWhereItIsAskedToAndIsTheSame() {
        Object[] options = {"--steps", 2, "--over", "learning-rate=1e-4,1e-3"};
        CommandRun first = search(options);
        assertThat(search(options).err()).contains("is not empty", "--resume");
        CommandRun again = search(CommandRun.and(options, "--resume"));
        assertThat(again.out()).isEqualTo(first.out());
        CommandRun other = search(CommandRun.and(new Object[] {"--steps", 3, "--resume"}, options[2], options[3]));
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("which differs: options was --steps=2, is --steps=3");
    }

    @Test
    void peopleSeeATableAndHowToTrainTheBestAgain() {
        CommandRun run = CommandRun.of(
                "search",
                "--model",
                model,
                "--data",
                data,
                "--eval-data",
                heldOut,
                "--output",
                output,
                "--steps",
                2,
                "--over",
                "learning-rate=1e-4,1e-3");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("   trial          loss   trained    seconds  settings")
                .contains("learning-rate=1e-4", "best      trial ", "To train it again:", "peft4j train --model=")
                .doesNotContain("{");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--over learning-rate; --over must be NAME=VALUES, got \"learning-rate\"",
                "--over learning_rate=1; --over learning_rate: did you mean learning-rate?",
                "--over max-length=1,2; there is no such option to search over",
                "--over batch-size=1,x; the trial {batch-size=x} cannot be trained",
                "--over batch-size=0; batch size must be at least 1",
                "--over learning-rate=2:1; the range \"2:1\" must go from a number to a greater one",
                "--over set.r=0; the trial {set.r=0} cannot be trained: ",
                "--over set.nothing=1; nothing",
                "--over method=lora,ia3 --over set.nothing=1; none of the methods lora, ia3 has the setting nothing",
                "--over method=lora,xyzzy; unknown method \"xyzzy\"",
                "--over steps=1,2 --steps 3; --steps and --over steps exclude each other",
                "--over set.r=1,2 --set r=3; --set r and --over set.r exclude each other",
                "--over seed=1,2 --halving 1; --halving must be at least 2",
                "--over seed=1,2 --trials 0; --trials must be at least 1",
                "--over seed=1,2 --eval-every 3; --eval-every: trials are evaluated at their end",
                "--over seed=1,2 --steps 1 --metric f1; --metric f1: there is no such metric here, expected one of loss",
                "--over seed=1,2 --best-metric loss --early-stopping 2; --best-metric, --early-stopping: trials are evaluated at",
                "--over method=lora,probe; the trial {method=probe} cannot be trained: the method probe solves for the head",
                "--over train=q_proj; the trial {train=q_proj} cannot be trained: --train must be PATTERN=RATE"
            })
    void whatCannotBeSearchedIsToldBeforeAnythingIsTrained(String options, String message) {
        CommandRun run = search((Object[]) options.split(" "));
        assertThat(run.err()).contains("error: ").contains(message);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void whatIsMissingIsToldAtOnce() {
        assertThat(CommandRun.of("search", "--model", model).err())
                .contains("missing --data", "--eval-data", "--over", "--output");
    }

    @Test
    void aSearchStopsInTheMidstOfATrialAndGoesOnToTheSameEnd() {
        Object[] options = {"--steps", 4, "--over", "learning-rate=1e-4,1e-3,1e-2"};
        CommandRun whole = search(options);
        Path stopped = work.resolve("stopped");
        Object[] there = CommandRun.and(
                new Object[] {
                    "search", "--model", model, "--data", data, "--eval-data", heldOut, "--output", stopped, "--json"
                },
                options);
        Interruption interruption = Interruption.none();
        StopAfter console = new StopAfter(2, interruption);
        int code = Main.run(
                new Session(console.console(), interruption),
                Arrays.stream(there).map(String::valueOf).toArray(String[]::new));
        Thread.interrupted();
        assertThat(code).isEqualTo(130);
        assertThat(stopped.resolve("best")).doesNotExist();
        CommandRun rest = CommandRun.of(CommandRun.and(there, "--resume"));
        assertThat(trials(rest))
                .extracting(trial -> trial.get("value"))
                .isEqualTo(
                        trials(whole).stream().map(trial -> trial.get("value")).toList());
        assertThat(stopped.resolve("best/adapter_model.safetensors"))
                .hasSameBinaryContentAs(output.resolve("best/adapter_model.safetensors"));
    }
}
