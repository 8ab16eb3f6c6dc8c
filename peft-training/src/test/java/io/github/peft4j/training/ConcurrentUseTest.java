package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link ConcurrentUse} in a process of its own: a crash is a failed test. {@code -Dpeft4j.test.rounds=100} makes it a hundred times as long. */
class ConcurrentUseTest {

    private static final int TIMES = Integer.getInteger("peft4j.test.rounds", 1);

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}, seed {2}")
    @CsvSource({"close, 400, 1", "close, 400, 2", "adapters, 150, 1", "rows, 100, 1", "train, 60, 1"})
    void threadsThatShareAModelDoNotDisturbEachOther(String program, int rounds, long seed) throws Exception {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-Dai.djl.pytorch.num_threads=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ConcurrentUse.class.getName(),
                        program,
                        folder.toString(),
                        String.valueOf(rounds * TIMES),
                        String.valueOf(seed))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(5L * TIMES, TimeUnit.MINUTES);
        process.destroyForcibly().waitFor();
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).as("the output").noneMatch(line -> line.startsWith("UNEXPECTED"));
        assertThat(ended).as(() -> "ended by itself; the output was " + lines).isTrue();
        assertThat(process.exitValue())
                .as(() -> "the exit code; the output was " + lines)
                .isZero();
        assertThat(lines).last().isEqualTo("done");
    }
}
