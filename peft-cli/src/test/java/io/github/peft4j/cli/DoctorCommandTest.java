package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

    @Test
    void whatCanBuildThisCanRunIt() {
        CommandRun run = CommandRun.of("doctor", "--json");
        assertThat(run.code()).as(run.out()).isZero();
        assertThat(run.json())
                .extracting(line -> line.get("what").asText())
                .containsExactly(
                        "java",
                        "processor",
                        "threads",
                        "memory",
                        "engine cache",
                        "temporary files",
                        "file names",
                        "engine",
                        "tokenizers",
                        "gpu",
                        "hub cache");
        assertThat(run.json()).allSatisfy(line -> {
            assertThat(line.fieldNames()).toIterable().containsExactly("what", "found", "ok", "advice");
            assertThat(line.get("ok").asBoolean()).isEqualTo(line.get("advice").isNull());
        });
    }

    @Test
    void itTellsOfAnEngineThatCannotBeLoaded() throws Exception {
        String jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(jar -> !jar.contains("pytorch-native") && !jar.contains("pytorch-jni"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        jars,
                        Main.class.getName(),
                        "doctor",
                        "--json")
                .start();
        List<String> lines;
        try (InputStream out = process.getInputStream()) {
            lines = new String(out.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(lines).hasSize(11);
        JsonNode engine = new ObjectMapper().readTree(lines.get(7));
        assertThat(engine.get("ok").asBoolean()).isFalse();
        assertThat(engine.get("found").asText())
                .startsWith("not loaded: PyTorch's native libraries are not on the class path: add ai.djl.pytorch:");
    }
}
