package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command peft4j, or another program, as a process of its own, on the tests' class path. */
final class CommandProcess {

    static final String MAIN = "io.github.peft4j.cli.Main";

    private CommandProcess() {}

    /** Runs the command, which must succeed, and returns what it prints. */
    static String run(List<String> arguments) throws Exception {
        return run(MAIN, Map.of(), arguments);
    }

    /** Runs a program, which must succeed, and returns what it prints. */
    static String run(String main, Map<String, String> environment, List<String> arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-Dslf4j.provider=io.github.peft4j.cli.internal.console.ConsoleLogging",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        }
    }
}
