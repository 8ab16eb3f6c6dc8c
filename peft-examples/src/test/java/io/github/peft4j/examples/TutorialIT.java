package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.loopback.internal.LoopbackHub;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of tutorials, one after the other in one shell, as a reader types them. The launcher and Maven would build what the test
 * is part of; scripts of their names start what they would have built. The nightly workflow runs the page with the real ones.
 */
@DisabledOnOs(OS.WINDOWS)
class TutorialIT {

    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    /** One thread, as in all tests: threads that wait for each other cost models as small as this one ten times as much. */
    private static final String JAVA = "exec '" + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' -Xmx512m -XX:+UseSerialGC -Dai.djl.pytorch.num_threads=1 -Dfile.encoding=UTF-8 -cp '"
            + System.getProperty("java.class.path")
            + "' ";

    private static final String PEFT4J = "#!/bin/sh\n" + JAVA
            + "-Dslf4j.provider=io.github.peft4j.cli.internal.console.ConsoleLogging io.github.peft4j.cli.Main \"$@\"\n";

    private static final String MAVEN = """
            #!/bin/sh
            for argument in "$@"; do
                case $argument in
                    -Dexec.mainClass=*) main=${argument#*=} ;;
                    -Dexec.args=*) arguments=${argument#*=} ;;
                esac
            done
            """ + "eval \"" + JAVA + "$main $arguments\"\n";

    @TempDir
    private Path work;

    private void script(String name, String text) throws IOException {
        Path file = Files.writeString(work.resolve(name), text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** Runs the commands of a page, which must succeed, and returns what they print. */
    private String run(String page, Map<String, String> environment) throws Exception {
        script("peft4j", PEFT4J);
        script("mvn", MAVEN);
        StringBuilder commands = new StringBuilder("set -eux\n");
        Matcher blocks =
                BLOCK.matcher(Files.readString(Path.of("../docs/tutorial").resolve(page)));
        while (blocks.find()) {
            commands.append(blocks.group(1));
        }
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", ". ./commands");
        Files.writeString(work.resolve("commands"), commands);
        shell.environment().merge("PATH", work + File.pathSeparator, (path, first) -> first + path);
        shell.environment().putAll(environment);
        Process process =
                shell.directory(work.toFile()).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        }
    }

    @Test
    void everyCommandOfAFirstFineTuneRuns() throws Exception {
        Files.createSymbolicLink(
                work.resolve("peft-cli"), Path.of("..", "peft-cli").toRealPath());
        String said = run("first-fine-tune.md", Map.of());
        Pattern answer =
                Pattern.compile("\\{\"name\":\"Anna\",\"count\":[0-9],\"colour\":\"red\",\"item\":\"lamp\"\\}");
        assertThat(answer.matcher(said).results())
                .as("the answers of the adapter and of the merged model in " + said)
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(work.resolve("my-adapter")).isDirectoryContaining("glob:**/loss.png");
    }

    @Test
    void everyCommandOfTheChatInChineseRuns() throws Exception {
        Path fixture = Path.of("src/test/resources/chinese-chat").toRealPath();
        Files.createSymbolicLink(work.resolve("alpaca_data_zh"), fixture.resolve("alpaca_data_zh"));
        try (LoopbackHub hub = LoopbackHub.start()) {
            hub.model("Langboat/bloom-1b4-zh").folder(fixture.resolve("model"));
            String said = run(
                    "chinese-chat.md",
                    Map.of(
                            "HF_HOME",
                            work.resolve("hf").toString(),
                            "HF_ENDPOINT",
                            hub.endpoint(),
                            "HF_HUB_OFFLINE",
                            "0",
                            "LC_ALL",
                            "C.UTF-8"));
            assertThat(said)
                    .contains("⟦The weather is very nice today.</s>⟧", "an end is learned in 30 of 32 rows")
                    .contains("Human: 考试有哪些技巧?\n\nAssistant: ");
        }
        for (String output : List.of("chatbot", "chatbot-words", "chatbot-java")) {
            assertThat(work.resolve(output).resolve("checkpoint-4")).exists();
        }
        assertThat(work.resolve("chatbot-java/adapter_model.safetensors"))
                .hasSameBinaryContentAs(work.resolve("chatbot/adapter_model.safetensors"));
    }
}
