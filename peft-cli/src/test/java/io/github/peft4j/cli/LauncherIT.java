package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script at the project's root, in a tree of its own, with stand-ins for Maven and Java that say how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {

    private static final String MAVEN = """
            #!/bin/sh
            echo "[INFO] Building peft4j models 1.0             [2/7]"
            left=${MAVEN_STEPS:-15}
            while [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
            [ -z "${MAVEN_FAILS:-}" ] || { echo "[INFO] noise"; echo "[ERROR] it does not compile"; exit 1; }
            mkdir -p peft-cli/target/launcher
            : > peft-cli/target/launcher/peft-cli-1.jar
            : > library.jar
            echo "$PWD/library.jar" > peft-cli/target/launcher/class-path.txt
            """;

    private static final String JAVA = """
            #!/bin/sh
            [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit 0; }
            for argument in "$@"; do echo "argument $argument"; done
            """;

    @TempDir
    private Path folder;

    private Path tree;
    private String err = "err";

    @BeforeEach
    void plant() throws IOException {
        tree = Files.createDirectories(folder.resolve("a tree"));
        Files.copy(Path.of("..", "peft4j"), tree.resolve("peft4j"));
        Files.createFile(tree.resolve("pom.xml"));
        script(folder.resolve("bin").resolve("mvn"), MAVEN);
        script(folder.resolve("jdk").resolve("bin").resolve("java"), JAVA);
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(Signals.heard());
        command.add(tree.resolve("peft4j").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().merge("PATH", folder.resolve("bin") + ":", (path, first) -> first + path);
        builder.environment().putAll(environment);
        return builder.redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve(err).toFile())
                .start();
    }

    private int run(Map<String, String> environment, String... arguments) throws Exception {
        Process process = start(environment, arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String said(String stream) throws IOException {
        return Files.readString(folder.resolve(stream), StandardCharsets.UTF_8);
    }

    @Test
    void theFirstStartTellsWhatIsBuiltAndLaterOnesSayNothing() throws Exception {
        assertThat(run(Map.of(), "inspect", "a folder")).isZero();
        assertThat(said("err"))
                .startsWith("peft4j: building, once: ")
                .contains("peft4j: building peft4j models (2 of 7), ")
                .containsPattern("peft4j: built in [0-9]+ s\n$");
        assertThat(said("out")).endsWith("argument io.github.peft4j.cli.Main\nargument inspect\nargument a folder\n");
        assertThat(run(Map.of(), "--version")).isZero();
        assertThat(said("err")).isEmpty();
    }

    @Test
    void aBuildThatFailsTellsItsErrorsAlone() throws Exception {
        assertThat(run(Map.of("MAVEN_FAILS", "yes"), "--version")).isEqualTo(1);
        assertThat(said("err"))
                .contains("\n[ERROR] it does not compile\nerror: the build failed; all it said is in ")
                .doesNotContain("noise");
        assertThat(said("out")).isEmpty();
    }

    @Test
    void aBuildThatIsBrokenOffLeavesNothingThatTheNextWouldTrust() throws Exception {
        Path half = tree.resolve("peft-models/target/launcher/Half.class");
        Files.createDirectories(half.getParent());
        Files.createFile(half);
        Process process = start(Map.of("MAVEN_STEPS", "500"), "--version");
        while (!said("err").contains("2 of 7")) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(100);
        }
        Signals.send(process, "INT");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(said("err")).endsWith("the build was broken off; the next start begins it again\n");
        assertThat(half).exists();
        assertThat(run(Map.of(), "--version")).isZero();
        assertThat(half).doesNotExist();
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        Process first = start(Map.of("MAVEN_STEPS", "40"), "--version");
        while (!said("err").contains("2 of 7")) {
            assertThat(first.isAlive()).isTrue();
            Thread.sleep(100);
        }
        err = "err of the second";
        assertThat(run(Map.of("MAVEN_FAILS", "a second build"), "--version")).isZero();
        assertThat(said(err)).isEqualTo("peft4j: waiting for another build of it\n");
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTreeThatCannotBeWrittenIsTold() throws Exception {
        Files.createFile(tree.resolve("target"));
        assertThat(run(Map.of(), "--version")).isEqualTo(1);
        assertThat(said("err")).startsWith("error: " + tree + "/target/launcher cannot be written: ");
    }
}
