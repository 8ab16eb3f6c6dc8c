package io.github.peft4j.examples.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.method.PeftMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that explains how to write a method. */
class WriteAMethodPageTest {

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file));
    }

    @Test
    void thePageShowsTheMethodAsItIs() throws IOException {
        String folder = "java/io/github/peft4j/examples/method/";
        String code = read("src/main/" + folder + "FeedForwardScale.java")
                + read("src/main/" + folder + "ScaledLayer.java")
                + read("src/test/" + folder + "FeedForwardScaleContractTest.java");
        String dense = code.replaceAll("\\s+", "");
        assertThat(Pattern.compile("(?s)```java\n(.*?)```")
                        .matcher(read("../docs/how-to/write-a-method.md"))
                        .results()
                        .map(MatchResult::group)
                        .map(block ->
                                block.replace("```java", "").replace("```", "").replaceAll("\\s+", "")))
                .hasSize(5)
                .allSatisfy(block -> assertThat(dense).contains(block));
    }

    @Test
    void theMethodIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("FEED_FORWARD_SCALE")).isInstanceOf(FeedForwardScale.class);
        assertThat(PeftMethods.discovered().byName("feed-forward-scale")).isInstanceOf(FeedForwardScale.class);
    }

    @Test
    void itsSettingsAreReadAndChecked() {
        FeedForwardScale method = new FeedForwardScale();
        assertThat(method.schema().read(Map.of("init_scale", 0.5), "a.json").settings())
                .isEqualTo(Map.of("init_scale", 0.5));
        assertThat(FeedForwardScale.Config.builder().initScale(2).build().settings())
                .isEqualTo(Map.of("init_scale", 2.0));
        assertThatThrownBy(() -> method.schema().read(Map.of("init_scale", -1), "a.json"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("init_scale must be at least 0, got -1.0 (a.json)");
    }
}
