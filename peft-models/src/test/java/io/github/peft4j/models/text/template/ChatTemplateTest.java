package io.github.peft4j.models.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.rendering.internal.Work;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import io.github.peft4j.models.text.internal.folder.MarkedChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where templates are found, whose tokens are whose, and what goes wrong. */
class ChatTemplateTest {

    private static final List<Message> TURNS =
            List.of(Message.user("Hello"), Message.assistant("Hi 😀!"), Message.user("né"), Message.assistant("Good."));

    @TempDir
    private Path folder;

    private Tokenizer tokenizer;

    @BeforeEach
    void openTokenizer() throws IOException {
        tokenizer = Tokenizer.open(ChatTemplateGoldenTest.folder(folder, "chatml"));
        Files.delete(folder.resolve("chat_template.jinja"));
    }

    @AfterEach
    void closeTokenizer() {
        tokenizer.close();
    }

    private ChatTemplate template(String source) throws IOException {
        ToyFolders.write(folder, "chat_template.jinja", source);
        return ChatTemplate.open(folder, tokenizer);
    }

    private ChatTemplate published(String name) throws IOException {
        ChatTemplateGoldenTest.folder(folder, name);
        return ChatTemplate.open(folder, tokenizer);
    }

    private String assistantText(MarkedChat chat) {
        StringBuilder text = new StringBuilder();
        List<Integer> run = new ArrayList<>();
        for (int i = 0; i <= chat.tokenIds().length; i++) {
            if (i < chat.tokenIds().length && chat.assistant()[i]) {
                run.add(chat.tokenIds()[i]);
            } else if (!run.isEmpty()) {
                int[] ids = run.stream().mapToInt(Integer::intValue).toArray();
                text.append('[').append(tokenizer.decode(ids, false)).append(']');
                run.clear();
            }
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "chatml,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "chatml-lines,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "default-system,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "qwen-2.5,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "macro,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "generation,\"[Hi 😀!<|im_end|>][Good.<|im_end|>]\"",
                "llama-2,\"[ Hi 😀! </s>][ Good. </s>]\"",
                "llama-3,\"[Hi 😀!<|eot_id|>][Good.<|eot_id|>]\"",
                "llama-3.1,\"[Hi 😀!<|eot_id|>][Good.<|eot_id|>]\"",
                "mistral-1,\"[Hi 😀!</s>][Good.</s>]\"",
                "mistral-3,\"[ Hi 😀!</s>][ Good.</s>]\"",
                "gemma,\"[Hi 😀!<end_of_turn>\n][Good.<end_of_turn>\n]\"",
                "vicuna,\"[ Hi 😀!</s>][ Good.</s>]\"",
                "zephyr,\"[Hi 😀!</s>][Good.</s>]\"",
                "openchat,\"[ Hi 😀!<|end_of_turn|>][ Good.<|end_of_turn|>]\"",
            })
    void marks_what_the_assistant_says_and_the_end_of_its_turn(String name, String expected) throws IOException {
        MarkedChat chat = published(name).encodeMarked(TURNS);

        assertThat(assistantText(chat)).isEqualTo(expected);
        assertThat(chat.tokenIds()).isEqualTo(published(name).encode(TURNS, false));
    }

    @Test
    void marks_the_prompt_too_where_the_template_lacks_one() throws IOException {
        ChatTemplate template =
                template("{% for m in messages %}<|im_start|>{{ m.role }}:{{ m.content }}<|im_end|>{% endfor %}");

        assertThat(assistantText(template.encodeMarked(TURNS)))
                .isEqualTo("[<|im_start|>assistant:Hi 😀!<|im_end|>][<|im_start|>assistant:Good.<|im_end|>]");
    }

    @Test
    void marks_nothing_in_a_chat_without_an_assistant() throws IOException {
        assertThat(published("chatml")
                        .encodeMarked(List.of(Message.user("Hello")))
                        .assistant())
                .containsOnly(false);
    }

    @Test
    void marks_by_beginnings_where_generation_blocks_are_captured() throws IOException {
        ChatTemplate template = template(
                "{% for m in messages %}{% set x %}{% generation %}{{ m.content }}{% endgeneration %}{% endset %}"
                        + "{{ m.role }}:{{ x | upper }}<|im_end|>{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");

        assertThat(assistantText(template.encodeMarked(TURNS))).isEqualTo("[HI 😀!<|im_end|>][GOOD.<|im_end|>]");
    }

    @Test
    void marks_a_token_that_reaches_across_the_beginning_of_a_turn() throws IOException {
        ChatTemplate template = template(
                "{% for m in messages %}{{ m.role ~ ' ' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
                        + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        List<Message> messages = List.of(Message.user("x"), Message.assistant("\n\nHello "), Message.user("y"));

        assertThat(assistantText(template.encodeMarked(messages)))
                .contains("Hello")
                .startsWith("[")
                .doesNotContain("user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"phi-3", "qwen-3"})
    void refuses_to_guess_where_a_template_writes_the_beginning_differently(String name) throws IOException {
        ChatTemplate template = published(name);

        assertThatThrownBy(() -> template.encodeMarked(TURNS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "cannot tell which tokens of message 2 are the assistant's: the template writes the first 2 messages"
                                + " differently when more follow. Mark them in the template with {% generation %}, or use rows of"
                                + " prompt and completion");
    }

    @Test
    void refuses_to_guess_where_nothing_stands_before_the_assistant() throws IOException {
        ChatTemplate template = published("chatml");

        assertThatThrownBy(() -> template.encodeMarked(List.of(Message.assistant("Welcome"))))
                .hasMessageStartingWith(
                        "cannot tell which tokens of message 1 are the assistant's: no message stands before it.");
    }

    @Test
    void refuses_to_guess_where_the_template_refuses_the_beginning() throws IOException {
        ChatTemplate template = template("{% if messages | length < 2 %}{{ raise_exception('too short') }}{% endif %}"
                + "{% for m in messages %}{{ m.content }}{% endfor %}");

        assertThatThrownBy(() -> template.encodeMarked(TURNS))
                .hasMessageStartingWith(
                        "cannot tell which tokens of message 2 are the assistant's: the chat template in "
                                + folder.resolve("chat_template.jinja") + " fails: too short (line 1).");
    }

    @Test
    void refuses_to_guess_where_the_prompt_is_longer_than_the_turn() throws IOException {
        ChatTemplate template = template("{% for m in messages %}{{ m.content }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ 'bc' }}{% endif %}");

        assertThatThrownBy(() -> template.encodeMarked(
                        List.of(Message.user("a"), Message.assistant("b"), Message.user("c"), Message.user("d"))))
                .hasMessageStartingWith(
                        "cannot tell which tokens of message 2 are the assistant's: the prompt for it is longer than the message.");
    }

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
    void marks_a_long_conversation() throws IOException {
        ChatTemplate template = published("chatml");
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            messages.add(Message.user("What is " + i + " and " + i + "?"));
            messages.add(Message.assistant("It is " + 2 * i + ". ".repeat(50)));
        }

        MarkedChat chat = template.encodeMarked(messages, Work.ofRows().ofRow());

        assertThat(assistantText(chat)).contains("It is 298");
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
