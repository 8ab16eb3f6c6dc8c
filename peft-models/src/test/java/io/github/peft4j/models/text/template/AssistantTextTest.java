package io.github.peft4j.models.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.jinja.internal.rendering.Work;
import io.github.peft4j.models.text.internal.folder.MarkedChat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which tokens of a chat are marked as the assistant's. */
class AssistantTextTest extends ChatTemplateCase {

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
                "phi-3,\"[Hi 😀!<|end|>][Good.<|end|>\n</s>]\"",
                "qwen-3,\"[Hi 😀!<|im_end|>][<think>\n\n</think>\n\nGood.<|im_end|>]\"",
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

    @Test
    void marks_a_first_message_that_nothing_stands_before() throws IOException {
        assertThat(assistantText(published("chatml")
                        .encodeMarked(
                                List.of(Message.assistant("Welcome"), Message.user("Hi"), Message.assistant("x")))))
                .isEqualTo("[Welcome<|im_end|>][x<|im_end|>]");
    }

    @Test
    void marks_turns_whose_thoughts_are_dropped_when_more_follow() throws IOException {
        List<Message> thinking = List.of(
                Message.user("1+1?"),
                Message.assistant("<think>\nsum\n</think>\n\n2"),
                Message.user("2+2?"),
                Message.assistant("<think>\nagain\n</think>\n\n4"));

        assertThat(assistantText(published("qwen-3").encodeMarked(thinking)))
                .isEqualTo("[2<|im_end|>][<think>\nagain\n</think>\n\n4<|im_end|>]");
    }

    @Test
    void marks_what_follows_a_prompt_that_goes_on_where_the_turn_has_its_content() throws IOException {
        ChatTemplate template = template("{% for m in messages %}<|im_start|>{{ m.role }}\n"
                + "{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}");

        assertThat(assistantText(template.encodeMarked(
                        List.of(Message.user("a"), Message.assistant("<think>\nb</think>c"), Message.user("d")))))
                .isEqualTo("[c<|im_end|>]");
    }

    static List<Arguments> unclear() {
        return List.of(
                Arguments.of(
                        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {%"
                                + " else %}END{% endif %}",
                        "the template writes the first 2 messages differently when more follow, and puts no special token at the end"
                                + " of a turn"),
                Arguments.of(
                        "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}",
                        "the template writes the first 1 messages differently when more follow"),
                Arguments.of(
                        "{{ messages | length }}{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
                        "the template writes its content more than once"),
                Arguments.of(
                        "{{ messages | length }}{% for m in messages %}{{ m.content | length }}{% endfor %}",
                        "the template writes its content not at all"),
                Arguments.of(
                        "{{ messages | length }}{% for m in messages %}{{ m.content }}{% if messages | length > 1 %}{{ messages[1].content == 'Hi 😀!' }}{% endif %}{% endfor %}",
                        "the template writes other messages differently by what this one says"));
    }

    @ParameterizedTest
    @MethodSource("unclear")
    void refuses_to_guess_where_a_template_writes_the_beginning_differently(String source, String reason)
            throws IOException {
        ChatTemplate template = template(source);

        assertThatThrownBy(() -> template.encodeMarked(TURNS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot tell which tokens of message 2 are the assistant's: " + reason
                        + ". Mark them in the template with {% generation %}, or use rows of prompt and completion");
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
}
