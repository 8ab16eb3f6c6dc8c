package io.github.peft4j.models.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.ToyFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where templates are found, whose tokens are whose, and what goes wrong. */
class ChatTemplateTest extends ChatTemplateCase {

    @Test
    void takes_the_template_of_its_own_file_first_then_the_config_then_the_processor() throws IOException {
        assertThat(ChatTemplate.isIn(folder)).isFalse();
        ToyFolders.write(folder, "chat_template.json", Map.of("chat_template", "processor"));
        assertThat(ChatTemplate.isIn(folder)).isTrue();
        assertThat(ChatTemplate.open(folder, tokenizer).render(TURNS, false)).isEqualTo("processor");
        ToyFolders.write(folder, "tokenizer_config.json", Map.of("chat_template", "config"));
        assertThat(ChatTemplate.open(folder, tokenizer).render(TURNS, false)).isEqualTo("config");
        ToyFolders.write(folder, "chat_template.jinja", "file");
        assertThat(ChatTemplate.open(folder, tokenizer).render(TURNS, false)).isEqualTo("file");
    }

    @Test
    void takes_the_default_of_named_templates() throws IOException {
        ToyFolders.write(
                folder,
                "tokenizer_config.json",
                Map.of("chat_template", List.of(named("tool_use", "t"), named("default", "d"))));

        assertThat(ChatTemplate.open(folder, tokenizer).render(TURNS, false)).isEqualTo("d");
    }

    private static Map<String, String> named(String name, String template) {
        return Map.of("name", name, "template", template);
    }

    @Test
    void says_that_no_named_template_is_the_default() throws IOException {
        ToyFolders.write(
                folder, "tokenizer_config.json", Map.of("chat_template", List.of(named("rag", "r"), named("a", "d"))));

        assertThatThrownBy(() -> ChatTemplate.open(folder, tokenizer))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("tokenizer_config.json")
                        + " has the chat templates [\"a\", \"rag\"], but none is named default");
    }

    @Test
    void says_that_no_file_of_several_is_the_default() throws IOException {
        Files.createDirectory(folder.resolve("additional_chat_templates"));
        ToyFolders.write(folder, "additional_chat_templates/rag.jinja", "r");

        assertThatThrownBy(() -> ChatTemplate.open(folder, tokenizer))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder + " has the chat templates [\"rag\"], but none is named default");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[\"x\"]|chat_template must be text, a list of objects with name and template, or an object of templates by name; found \"x\" in the list",
                "[{\"name\":\"default\"}]|chat_template must be text, a list of objects with name and template, or an object of templates by name; found {\"name\": \"default\"} in the list",
                "7|chat_template must be text, a list of objects with name and template, or an object of templates by name; got the number 7",
                "{\"default\":[]}|the chat template named default must be text, got a list",
            })
    void says_what_is_wrong_with_named_templates(String value, String message) throws IOException {
        ToyFolders.write(folder, "tokenizer_config.json", "{\"chat_template\":" + value + "}");

        assertThatThrownBy(() -> ChatTemplate.open(folder, tokenizer))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("tokenizer_config.json") + ": " + message);
    }

    /** Takes more than half of the work that one rendering may take. */
    private static final String SLOW = "{% for i in range(100000) %}" + "{% if i %}".repeat(5) + "{% endif %}".repeat(5)
            + "{% endfor %}{% for m in messages %}{{ m.content }}{% endfor %}";

    @Test
    void a_row_may_take_no_more_work_than_one_rendering_however_often_it_is_rendered() throws IOException {
        ChatTemplate template = template(SLOW);
        assertThat(template.render(TURNS, true)).isEqualTo("HelloHi 😀!néGood.");

        assertThatThrownBy(() -> template.encodeMarked(TURNS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cannot tell which tokens of message 2 are the assistant's: ")
                .hasMessageContaining("the template works too long");
    }

    @Test
    void the_rows_of_a_file_may_take_no_more_work_than_sixteen_renderings() throws IOException {
        ChatTemplate template =
                template(SLOW.replace("{{ m.content }}", "{% generation %}{{ m.content }}{% endgeneration %}"));
        Work rows = Work.ofRows();
        int count = 0;
        IllegalArgumentException thrown = null;
        while (thrown == null && count < 50) {
            try {
                template.encodeMarked(TURNS, rows.ofRow());
                count++;
            } catch (IllegalArgumentException e) {
                thrown = e;
            }
        }

        assertThat(count).isBetween(16, 32);
        assertThat(thrown).isNotNull().hasMessageContaining("the template works too long");
    }

    @Test
    void a_message_of_a_templates_own_is_one_line_of_bounded_length() throws IOException {
        ChatTemplate template = template("{{ raise_exception('no\n\u001b[31m' ~ 'x' * 100000) }}");

        assertThatThrownBy(() -> template.render(TURNS, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" fails: no \\u001b[31mxxx")
                .hasMessageContaining(" characters left out ... x")
                .hasMessageEndingWith("xxx (line 1)")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(2200).doesNotContain("\n", "\u001b"));
    }

    @Test
    void says_that_there_is_no_template_and_what_to_use_instead() {
        assertThatThrownBy(() -> ChatTemplate.open(folder, tokenizer))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "no chat template in " + folder + ": expected chat_template.jinja, or chat_template in"
                                + " tokenizer_config.json. Base models have none: use rows of text, or of prompt and completion");
    }

    @Test
    void says_what_is_wrong_with_a_template() throws IOException {
        assertThatThrownBy(() -> template("a\n{% for %}"))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("the chat template in " + folder.resolve("chat_template.jinja")
                        + " cannot be read: expected the name of a variable, found the end of the tag (line 2)");
    }

    @Test
    void says_what_a_template_refuses() throws IOException {
        ChatTemplate template = template("{{ raise_exception('Only users may speak!') }}");

        assertThatThrownBy(() -> template.render(TURNS, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the chat template in " + folder.resolve("chat_template.jinja")
                        + " fails: Only users may speak! (line 1)");
    }

    @Test
    void refuses_a_chat_without_messages() throws IOException {
        ChatTemplate template = template("x");

        assertThatThrownBy(() -> template.render(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a chat needs at least one message");
    }

    @Test
    void prints_the_date_where_a_template_asks_for_it() throws IOException {
        Clock clock = Clock.fixed(Instant.parse("2025-01-02T00:00:00Z"), ZoneOffset.UTC);

        assertThat(template("{{ strftime_now('%d %b %Y') }}").at(clock).render(TURNS, false))
                .isEqualTo("02 Jan 2025");
        assertThat(template("{{ strftime_now('%Y') }}").render(TURNS, false)).matches("20\\d\\d");
    }
}
