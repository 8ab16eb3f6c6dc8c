package io.github.peft4j.core.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelCardTest {

    private static Map<String, Object> golden(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ModelCardTest.class.getResourceAsStream("/golden/cards/" + name + ".json"))) {
            return InputFile.json(in.readAllBytes(), name, JsonLimits.ofBytes(1 << 20));
        }
    }

    private static ModelCard card(String base, boolean causal) {
        return new ModelCard("LORA", "LlamaForCausalLM", base, causal, "0.21.2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "plain-odd", "plain-hub", "empty", "versions", "filled", "current"})
    void aCardThatIsThereIsBroughtUpToDateAsHuggingFaceDoes(String name) throws IOException {
        Map<String, Object> golden = golden(name);
        ModelCard card = card((String) golden.get("base"), !name.equals("versions"));
        String after = (String) golden.get("after");
        assertThat(card.update((String) golden.get("before"))).isEqualTo(after);
        assertThat(card.update(after)).as("again").isEqualTo(after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"new", "new-odd", "new-hub"})
    void aNewCardHasTheHeadThatHuggingFaceWrites(String name) throws IOException {
        Map<String, Object> golden = golden(name);
        assertThat(card((String) golden.get("base"), true).create())
                .startsWith((String) golden.get("after"))
                .endsWith("### Framework versions\n\n- PEFT 0.21.2");
    }

    @Test
    void onlyLoraIsATagOfItsOwn() {
        String card = new ModelCard("IA3", "BloomForCausalLM", null, false, "0.21.2").create();
        assertThat(card).startsWith("---\nlibrary_name: peft\ntags:\n- transformers\n---\n");
    }

    @Test
    void whatAPersonWroteStaysToTheLetter() {
        String head =
                "---\n# a comment\nwidget:\n  - text: \"é: #\"\n    nested: {a: [1, 2]}\n\nlicense: mit # why\n---\n";
        assertThat(card("b", false).update(head + "text\n"))
                .startsWith(
                        "---\n# a comment\nwidget:\n  - text: \"é: #\"\n    nested: {a: [1, 2]}\n\nlicense: mit # why\nbase_model: b\n");
    }

    @Test
    void anEmptyPipelineIsFilled() {
        assertThat(card("b", true).update("---\npipeline_tag: null\n---\n"))
                .contains("\npipeline_tag: text-generation\n");
        assertThat(card("b", true).update("---\npipeline_tag:\n- x\n---\n")).contains("\npipeline_tag:\n- x\n");
    }

    @Test
    void linesThatEndAsOnWindowsAreUnderstood() {
        assertThat(card("b", true).update("---\r\nlicense: mit\r\n---\r\n# T\r\n"))
                .startsWith("---\nlicense: mit\nbase_model: b\n")
                .contains("---\n# T\n");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "org/name-1.2, org/name-1.2",
                "/data/models/x, /data/models/x",
                "true, 'true'",
                "No, 'No'",
                "12, '12'",
                "1.5e3, '1.5e3'",
                "2024-01-01, '2024-01-01'",
                "it's: x, 'it''s: x'",
                "``, ''",
                "-x, '-x'",
                "a #b, 'a #b'",
                "a:, 'a:'",
                "@x, '@x'",
                "größe, größe",
            })
    void textThatMeansSomethingInYamlIsQuoted(String text, String yaml) {
        assertThat(FrontMatter.scalar(text)).isEqualTo(yaml);
    }

    @Test
    void textThatCannotBeSeenIsEscaped() {
        assertThat(FrontMatter.scalar("a\n\"b\u00e4")).isEqualTo("\"a\\u000A\\u0022b\\u00E4\"");
    }
}
