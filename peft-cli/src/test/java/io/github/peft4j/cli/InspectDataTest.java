package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.cli.internal.console.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows as the model sees them. */
class InspectDataTest {

    private static final String ROWS = """
            {"prompt":"the cat","completion":" sat"}
            {"messages":[{"role":"user","content":"why"},{"role":"assistant","content":"the dog"},{"role":"user","content":"yes"}]}
            {"text":"a mat"}
            {"text":""}
            {"prompt":"the cat","completion":" sat"}
            {"prompt":"the \\u001b[2J cat \\u202e","completion":"ran"}
            """;

    @TempDir
    private Path work;

    private Path model;
    private Path rows;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
        rows = Toy.text(work.resolve("rows.jsonl"), ROWS);
    }

    private CommandRun inspect(Object... options) {
        return CommandRun.of(CommandRun.and(new Object[] {"inspect", "--model", model, "--data", rows}, options));
    }

    @Test
    void rowsAreShownWithWhatIsLearnedInBrackets() {
        CommandRun run = inspect();

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().toList())
                .startsWith(
                        rows + ":1  kind prompt  tokens 4  learned 2",
                        "    the cat\u27e6 sat </s>\u27e7",
                        "",
                        rows + ":2  kind messages  tokens 13  learned 3",
                        "    <unk> says why </s> <unk> says\u27e6 the dog </s>\u27e7 <unk> says yes </s>",
                        "",
                        rows + ":3  kind text  tokens 3  learned 2",
                        "    a\u27e6 mat </s>\u27e7",
                        "",
                        "6 rows read: 5 rows, 29 tokens, 10 supervised, longest 13",
                        "an end is learned in 5 of 5 rows",
                        "the longest is " + rows + ":2",
                        "tokens of rows:")
                .contains(
                        "1 row cannot be used; nothing to learn: " + rows + " line 4: text is empty",
                        "warning: rows that are doubled: 1, of " + rows + ":5. --doubled-rows skip leaves them out");
    }

    @Test
    void theTextOfARowCannotSteerATerminal() {
        CommandRun run = inspect("--row", 6);

        assertThat(run.out()).doesNotContain("\u001b").doesNotContain("\u202e").contains(rows + ":6  kind prompt");
    }

    @Test
    void rowsAreCutAsTheyWouldBeTrainedOn() {
        assertThat(inspect("--max-length", 3, "--truncate", "right", "--rows", 1)
                        .out())
                .startsWith(rows + ":1  kind prompt  tokens 3  learned 1  cut from 4" + System.lineSeparator()
                        + "    the cat\u27e6 sat\u27e7");
        assertThat(inspect("--max-length", 3, "--truncate", "windows", "--rows", 1)
                        .out())
                .contains("window 1  windows 2  cut from 4", "    sat\u27e6 </s>\u27e7");
        assertThat(inspect("--max-length", 3, "--row", 2).out())
                .startsWith(rows + ":2  left out 13 tokens are too many");
    }

    @Test
    void jsonHasAnObjectForEachRowAndTheSum() {
        List<JsonNode> json = inspect("--json", "--rows", 2, "--bad-rows", "skip", "--doubled-rows", "skip")
                .json();

        assertThat(json).hasSize(3);
        assertThat(json.get(0).toString())
                .isEqualTo("{\"source\":\"" + rows + "\",\"line\":1,\"kind\":\"prompt\",\"tokens\":4,\"learned\":2,"
                        + "\"input_ids\":[3,4,6,2],\"labels\":[-100,-100,6,2],\"text\":\"the cat sat </s>\"}");
        JsonNode sum = json.get(2);
        assertThat(sum.get("read").intValue()).isEqualTo(6);
        assertThat(sum.get("complete").booleanValue()).isTrue();
        assertThat(sum.get("rows").intValue()).isEqualTo(4);
        assertThat(sum.get("skipped").intValue()).isEqualTo(2);
        assertThat(sum.get("doubled").intValue()).isEqualTo(1);
        assertThat(sum.get("end_learned").intValue()).isEqualTo(4);
        assertThat(sum.get("warnings")).isEmpty();
        assertThat(sum.get("odd").get(0).textValue()).contains("line 4: text is empty", "line 5: the tokens");
    }

    @Test
    void anEndThatGenerationDoesNotKnowIsWarnedOf() throws IOException {
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\":1}");

        JsonNode sum = inspect("--json", "--rows", 0).lastJson();

        assertThat(sum.get("end_learned").intValue()).isZero();
        assertThat(sum.get("warnings").get(0).textValue())
                .isEqualTo(
                        "no row learns a token that ends a text (<s> 1): a model trained on these rows goes on until the limit. Let"
                                + " rows end with it");
        assertThat(sum.get("warnings").get(1).textValue())
                .isEqualTo(
                        "what is learned ends with </s> 2 (rows: 5), which ends no text for this checkpoint (<s> 1): generation"
                                + " goes on after it. Add 2 to eos_token_id in generation_config.json");
    }

    @Test
    void rowsOfIdsThatLearnTheirPromptsAreWarnedOf() {
        Path ids = Toy.text(work.resolve("ids.jsonl"), "{\"input_ids\":[3,4,2],\"labels\":[3,4,2]}\n");

        CommandRun run = CommandRun.of("inspect", model, "--data", ids);

        assertThat(run.out())
                .contains("warning: rows that learn all of their tokens, a prompt among them if there is one: 1.");
    }

    @Test
    void labelsOfOtherTasksAreShown() throws IOException {
        Path labelled = Toy.text(
                work.resolve("labelled.jsonl"),
                "{\"text\":\"the cat\",\"label\":\"no\"}\n{\"text\":\"a dog\",\"label\":\"yes\"}\n");
        assertThat(CommandRun.done("inspect", model, "--data", labelled, "--task", "sequence-classification")
                        .out())
                .contains("    the cat" + "\n" + "    label: no");
        Path tags = Toy.text(work.resolve("tags.jsonl"), "{\"tokens\":[\"the\",\"cat\"],\"tags\":[\"O\",\"B\"]}\n");
        assertThat(CommandRun.done("inspect", model, "--data", tags, "--task", "token-classification")
                        .out())
                .contains("\u27e6the\u27e7/O\u27e6 cat\u27e7/B");
        Path pairs = Toy.text(work.resolve("pairs.jsonl"), "{\"anchor\":\"the cat\",\"positive\":\"a mat\"}\n");
        Path encoder = Toy.encoder(work.resolve("encoder"));
        assertThat(CommandRun.done("inspect", encoder, "--data", pairs, "--task", "embedding", "--json")
                        .json()
                        .get(0)
                        .get("texts"))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--rows 1 --row 2|--rows and --row exclude each other: give one",
                "--text hello|--data, --text and --parameters exclude each other: give one",
                "--row 0|--row must be at least 1, got 0",
                "--truncate right|--truncate has no effect without --max-length: give both or neither",
                "--max-length 5 --truncate middle|--truncate: expected right, left or windows, got middle",
                "--max-length 5 --window-overlap 2|--window-overlap has no effect without --truncate windows: give both or neither",
                "--max-length 5 --truncate windows --window-overlap 5|windows of 5 tokens cannot overlap by 5: the overlap must be smaller",
                "--bad-rows keep|--bad-rows: expected one of refuse, skip, got keep",
                "--blank-rows no|--blank-rows: expected one of keep, skip, refuse, got no",
            })
    void whatDoesNotGoTogetherIsRefused(String options, String message) {
        CommandRun run = inspect((Object[]) options.split(" "));

        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void rowsNeedData() {
        assertThat(CommandRun.of("inspect", model, "--rows", 2).err())
                .contains("--rows has no effect without --data: give both or neither");
    }
}
