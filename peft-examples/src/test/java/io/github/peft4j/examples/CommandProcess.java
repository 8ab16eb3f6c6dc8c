package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command peft4j as a process of its own, on the tests' class path. */
final class CommandProcess {

    private static final String MAIN = "io.github.peft4j.cli.Main";

    private CommandProcess() {}

    /** Runs the command, which must succeed, and returns what it prints. */
    static String run(List<String> arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dslf4j.provider=io.github.peft4j.cli.ConsoleLogging",
                "-cp",
                System.getProperty("java.class.path"),
                MAIN));
        line.addAll(arguments);
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        }
    }
}
