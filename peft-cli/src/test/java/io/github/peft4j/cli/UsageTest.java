package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line as such: help, and what is no proper command. */
class UsageTest {

    static Stream<Arguments> misuses() {
        return Stream.of(
                misuse("a command is needed: one of quickstart, train, eval, ", ""),
                misuse("unknown command \"trian\": did you mean train? (peft4j --help)", "trian"),
                misuse("unknown command \"xyzzy\": expected one of quickstart, train, eval, ", "xyzzy"),
                misuse("unknown option --jsn: did you mean --json? (peft4j inspect --help)", "inspect --jsn x"),
                misuse("unknown option --modl: did you mean --model? (peft4j train --help)", "train --modl=x"),
                misuse("unknown option --xyzzyxyzzy (peft4j inspect --help)\n", "inspect --xyzzyxyzzy"),
                misuse("unknown option --lr: did you mean --learning-rate? (peft4j train --help)", "train --lr 1"),
                misuse("unknown option --out: did you mean --output? (peft4j merge --help)", "merge --out x"),
                misuse(
                        "unknown options --lr (did you mean --learning-rate?), --bs (did you mean --batch-size?)"
                                + " (peft4j train --help)",
                        "train --lr -1 --bs=4"),
                misuse(
                        "unknown option --do-sample: did you mean --temperature, --top-k or --top-p, each of which draws?",
                        "generate --do-sample"),
                misuse("unknown option --do-sample (peft4j eval --help)\n", "eval --do-sample"),
                misuse("unknown option --lora_r: did you mean --set r=? (peft4j train --help)", "train --lora_r 8"),
                misuse("unknown option -v: did you mean -V or --version? (peft4j --help)", "-v"),
                misuse("unknown command \"finetune\": did you mean train? (peft4j --help)", "finetune"),
                misuse("unknown command \"trian\": did you mean train? (peft4j --help)", "help trian"),
                misuse(
                        "missing --model (a checkpoint folder or a hub id), --data (a file of rows to train on), --output"
                                + " (a new folder for the adapter)",
                        "train"),
                misuse(
                        "missing --adapter (an adapter folder), --output (a new folder for the checkpoint)",
                        "merge --model x"),
                misuse("missing DIR: expected a checkpoint or adapter folder", "inspect"),
                misuse("unexpected argument \"b\": this command takes no more (peft4j inspect --help)", "inspect a b"),
                misuse("unexpected argument \"b\": this command takes options only (peft4j train --help)", "train b"),
                misuse("--steps must be a whole number, got \"many\" (peft4j train --help)", "train --steps many"),
                misuse("--steps must be a whole number, got \"1.5\" (peft4j train --help)", "train --steps 1.5"),
                misuse("--weight-decay must be a number, got \"x\" (peft4j train --help)", "train --weight-decay x"),
                misuse("--model needs a value: FOLDER|ID (peft4j train --help)", "train --model"),
                misuse("--model needs a value: FOLDER|ID (peft4j train --help)", "train --model --data x"),
                misuse("--model is given more than once (peft4j eval --help)", "eval --model a --model b"),
                misuse("--json takes no value, got \"yes\" (peft4j inspect --help)", "inspect x --json=yes"));
    }

    private static Arguments misuse(String message, String line) {
        return Arguments.of(line, message);
    }

    @Test
    void optionsThatCommandsShareStandUnderTheirHeadings() {
        for (String command : List.of("eval", "predict")) {
            assertThat(CommandRun.of(command, "--help").out().lines().filter(line -> line.matches("[A-Z]\\w+:")))
                    .startsWith("Options:", "Model:", "Adapter:", "Task:", "Data:", "Computing:");
        }
    }

    @ParameterizedTest(name = "peft4j {0}")
    @MethodSource("misuses")
    void aMisuseIsToldInOneLine(String line, String message) {
        CommandRun run = CommandRun.of(line.isEmpty() ? new Object[0] : line.split(" "));
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("error: " + message);
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(2);
    }

    static List<String> commands() {
        return Commands.names();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelp(String command) {
        CommandRun run = CommandRun.of(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("Usage: peft4j " + command).contains("--json", "--stacktrace", "Example");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80, "at most 80 characters");
    }

    @Test
    void theHelpListsAllCommands() {
        CommandRun run = CommandRun.of("--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains(Commands.names()).contains("quickstart");
    }

    @Test
    void helpIsACommandToo() {
        assertThat(CommandRun.of("help")).isEqualTo(CommandRun.of("--help"));
        assertThat(CommandRun.of("help", "eval")).isEqualTo(CommandRun.of("eval", "--help"));
    }

    @Test
    void theHelpTellsEveryMethodsLearningRate() {
        String help = CommandRun.of("train", "--help").out().replaceAll("\\s+", " ");
        assertThat(help).contains("Default, by method: ").contains("lora 2e-4", "ia3 3e-3", "full 2e-5");
        for (PeftMethod<?> method : PeftMethods.discovered().all()) {
            String rate = new BigDecimal(String.valueOf(method.defaults().learningRate()))
                    .stripTrailingZeros()
                    .unscaledValue()
                    .toString();
            assertThat(help).contains(method.name() + " " + rate + "e-");
        }
    }

    @Test
    void theVersionIsShown() {
        CommandRun run = CommandRun.of("--version");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("peft4j ");
    }

    @Test
    void whereAnErrorAroseIsToldOnlyWhenAsked() {
        assertThat(CommandRun.of("inspect", "/nowhere").err().lines()).hasSize(1);
        CommandRun run = CommandRun.of("inspect", "/nowhere", "--stacktrace");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("error: ").contains("    at io.github.peft4j.cli.");
    }
}
