package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The named templates to the letter, and templates given as text. */
class PromptTemplateTest {

    @Test
    void writes_alpacas_prompt_with_an_input() {
        assertThat(PromptTemplate.of("alpaca").prompt("Add.", "1 and 2"))
                .isEqualTo(
                        "Below is an instruction that describes a task, paired with an input that provides further context. Write a"
                                + " response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 and 2"
                                + "\n\n### Response:");
    }

    @Test
    void writes_alpacas_prompt_without_an_input() {
        assertThat(PromptTemplate.of("alpaca").prompt("Say hi.", ""))
                .isEqualTo(
                        "Below is an instruction that describes a task. Write a response that appropriately completes the"
                                + " request.\n\n### Instruction:\nSay hi.\n\n### Response:");
    }

    @Test
    void writes_human_and_assistant() {
        assertThat(PromptTemplate.of("human-assistant").prompt("Add.", "1 and 2"))
                .isEqualTo("Human: Add.\n1 and 2\n\nAssistant: ");
        assertThat(PromptTemplate.of("human-assistant").prompt("Say hi. ", ""))
                .isEqualTo("Human: Say hi.\n\nAssistant: ");
    }

    @Test
    void writes_the_plain_prompt() {
        assertThat(PromptTemplate.of("plain").prompt("Add.", "1 and 2")).isEqualTo("Add.\n1 and 2\n");
        assertThat(PromptTemplate.of("plain").prompt("Say hi.", "")).isEqualTo("Say hi.\n");
    }

    @Test
    void writes_a_template_that_is_given_as_text() {
        PromptTemplate template = PromptTemplate.of("Q: {instruction} ({input}) {instruction}\nA: { }");

        assertThat(template.prompt("{input} $1", "{instruction}\\"))
                .isEqualTo("Q: {input} $1 ({instruction}\\) {input} $1\nA: { }");
        assertThat(template).hasToString("Q: {instruction} ({input}) {instruction}\nA: { }");
    }

    @Test
    void names_the_templates_there_are() {
        assertThatThrownBy(() -> PromptTemplate.of("Alpaca"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "no template 'Alpaca': expected one of [alpaca, human-assistant, plain], or a text with {instruction} and"
                                + " perhaps {input}");
    }

    @Test
    void refuses_other_placeholders() {
        assertThatThrownBy(() -> PromptTemplate.of("{instruction}: {output}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the template has the placeholder {output}: expected only {instruction} and {input}; the output comes after"
                                + " the template");
    }
}
