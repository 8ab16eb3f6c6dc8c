package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own: signals, streams and encodings are real. */
class ProcessIT {

    private static final long SECONDS = 120;

    @TempDir
    private Path work;

    private Path model;
    private Path data;
    private Path output;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
        data = Toy.rows(work.resolve("rows.jsonl"), 12);
        output = work.resolve("adapter");
    }

    /** The command within a line of a shell, where it is {@code "$@"}. */
    private Process shell(String line, Object... arguments) throws IOException {
        return start(List.of("bash", "-c", line, "bash"), arguments);
    }

    private Process start(Object... arguments) throws IOException {
        return start(Signals.heard(), arguments);
    }

    private Process start(List<String> before, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(work.resolve("err.txt").toFile());
        // An encoding in which little can be said.
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }

    /** What it said on standard error, without what a JVM says of options in the environment. */
    private String err() throws IOException {
        return Files.readAllLines(work.resolve("err.txt")).stream()
                .filter(line -> !line.startsWith("Picked up "))
                .collect(Collectors.joining("\n"));
    }

    private static BufferedReader out(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts an endless training, sends it a signal after its third step, and returns its exit code. */
    private int interrupted(String signal, Object... more) throws IOException, InterruptedException {
        Process process = start(CommandRun.and(
                new Object[] {
                    "train", "--model", model, "--data", data, "--output", output, "--steps", 1_000_000, "--json"
                },
                more));
        try (BufferedReader lines = out(process)) {
            for (int i = 0; i < 3; i++) {
                assertThat(lines.readLine()).as(err()).contains("\"loss\"");
            }
            // A command that does not hear it must not keep the build waiting.
            CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
            Signals.send(process, signal);
            while (lines.readLine() != null) {
                // What it prints until it ends does not matter.
            }
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(output)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> output.relativize(file).toString())
                    .toList();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCStopsATrainingAndLeavesNothing() throws Exception {
        assertThat(interrupted("INT")).isEqualTo(130);
        assertThat(output).doesNotExist();
        assertThat(err()).doesNotContain("error", "Exception", "warning");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCSavesACheckpointIfTheRunSaves() throws Exception {
        assertThat(interrupted("INT", "--save-every", 1_000_000, "--report", "csv"))
                .isEqualTo(130);
        assertThat(TrainingCheckpoints.in(output)).hasSize(1);
        assertThat(files()).noneMatch(file -> file.contains(".tmp") || file.contains(".old"));
        assertThat(files()).noneMatch(file -> file.equals("adapter_model.safetensors"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aRequestToEndIsHeardAsWell() throws Exception {
        assertThat(interrupted("TERM")).isEqualTo(143);
        assertThat(output).doesNotExist();
    }

    /** Starts an endless training and waits for its third step. */
    private Process training() throws IOException {
        Process process =
                start("train", "--model", model, "--data", data, "--output", output, "--steps", 1_000_000, "--json");
        BufferedReader lines = out(process);
        for (int i = 0; i < 3; i++) {
            assertThat(lines.readLine()).as(err()).contains("\"loss\"");
        }
        return process;
    }

    @Test
    void whatARunWritesIntoIsNobodyElses() throws Exception {
        Path adapter = work.resolve("made");
        Object[] train = {"train", "--model", model, "--data", data, "--steps", 1, "--output"};
        assertThat(CommandRun.of(CommandRun.and(train, adapter)).code()).isZero();
        Process process = training();
        try {
            String inUse = "error: the folder " + output + " is in use: process " + process.pid() + " on ";
            for (Object[] arguments : List.of(
                    CommandRun.and(train, output),
                    CommandRun.and(train, output, "--save-every", 1, "--resume"),
                    CommandRun.and(train, output, "--method", "full"),
                    new Object[] {"merge", "--model", model, "--adapter", adapter, "--output", output},
                    new Object[] {"quickstart", "--output", output})) {
                CommandRun run = CommandRun.of(arguments);
                assertThat(run.err()).startsWith(inUse).hasLineCount(1);
                assertThat(run.code()).isEqualTo(2);
            }
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        // The kill left the lock behind, which holds nobody up.
        assertThat(files()).containsExactly(".peft4j.lock");
        assertThat(CommandRun.of(CommandRun.and(train, output)).code()).isZero();
        assertThat(files()).noneMatch(file -> file.startsWith("."));
    }

    @Test
    void whatAKilledMergeLeftIsNoReasonToChooseAnotherFolder() throws Exception {
        Path adapter = work.resolve("made");
        assertThat(CommandRun.of("train", "--model", model, "--data", data, "--steps", 1, "--output", adapter)
                        .code())
                .isZero();
        Files.createDirectories(output);
        Files.writeString(output.resolve(".model.safetensors.peft4j-0123456789abcdef-2.tmp"), "half of the weights");
        CommandRun merge = CommandRun.of("merge", "--model", model, "--adapter", adapter, "--output", output);
        assertThat(merge.code()).as(merge.err()).isZero();
        assertThat(files()).contains("model.safetensors").noneMatch(file -> file.startsWith("."));
    }

    @Test
    void standardOutputHoldsResultsAndStandardErrorNotesAlone() throws Exception {
        Process process = start(
                "generate",
                "--model",
                model,
                "--dtype",
                "bfloat16",
                "--prompt",
                "the cat",
                "--max-new-tokens",
                3,
                "--json");
        List<String> lines;
        try (BufferedReader out = out(process)) {
            lines = out.lines().toList();
        }
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(err()).isZero();
        assertThat(lines).hasSize(2).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        assertThat(err().lines()).allMatch(line -> line.startsWith("model "));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void resultsThatCannotBeWrittenAreAnErrorUnlessTheReaderHasSeenEnough() throws Exception {
        Process full = shell("\"$@\" > /dev/full", "inspect", model);
        assertThat(full.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(full.exitValue()).isEqualTo(1);
        assertThat(err()).isEqualTo("error: standard output cannot be written: No space left on device");
        Process head = shell("\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "inspect", model, "--parameters");
        assertThat(head.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(head.exitValue()).isZero();
        assertThat(err()).isEmpty();
    }

    @Test
    void anErrorIsOneLineInUtf8() throws Exception {
        Toy.text(data, "{\"t\u00e4xt\":1}\n");
        Process process = start("eval", "--model", model, "--data", data);
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(err().lines()).hasSize(1);
        assertThat(err()).startsWith("error: ").contains("t\u00e4xt");
    }
}
