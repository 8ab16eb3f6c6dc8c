package io.github.peft4j.models.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.Toy;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChatSessionTest {

    @TempDir
    private Path folder;

    private final List<String> read = new ArrayList<>();

    private Tokenizer tokenizer;

    private ChatTemplate template;

    @BeforeEach
    void open() throws IOException {
        ToyFolders.words(folder, "?", "be", "kind", "user:", "assistant:", "system:", "hi", "why", "well");
        ToyFolders.write(
                folder, "tokenizer_config.json", java.util.Map.of("tokenizer_class", "PreTrainedTokenizerFast"));
        ToyFolders.write(
                folder,
                "chat_template.jinja",
                "{% for m in messages %}{% if m.content == 'no' %}{{ raise_exception('not that') }}{% endif %}"
                        + "{{ m.role }}: {{ m.content }} {% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");
        tokenizer = Tokenizer.open(folder);
        template = ChatTemplate.open(folder, tokenizer);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    /** Answers with the last word that was said to it. */
    private ChatSession echo() {
        return ChatSession.of(
                (prompt, listener) -> {
                    read.add(tokenizer.decode(prompt, true));
                    int last = prompt[prompt.length - 2];
                    listener.token(0, last);
                    return new Generator.Generated(new int[] {last}, Generator.Generated.Reason.LENGTH);
                },
                template);
    }

    @Test
    void whatWasSaidAndAnsweredIsPartOfWhatTheModelReadsNext() throws InterruptedException {
        ChatSession chat = echo();
        assertThat(chat.say("hi").text()).isEqualTo("hi");
        assertThat(chat.say("why").text()).isEqualTo("why");
        assertThat(read).containsExactly("user: hi assistant:", "user: hi assistant: hi user: why assistant:");
        assertThat(chat.messages())
                .containsExactly(
                        Message.user("hi"), Message.assistant("hi"), Message.user("why"), Message.assistant("why"));
    }

    @Test
    void instructionsStayWhenAllElseIsForgotten() throws InterruptedException {
        ChatSession chat = echo().withSystem("be kind");
        chat.say("hi");
        chat.forget();
        chat.say("why");
        assertThat(read).containsExactly("system: be kind user: hi assistant:", "system: be kind user: why assistant:");
    }

    @Test
    void theTextComesInPiecesToo() throws InterruptedException {
        List<String> pieces = new ArrayList<>();
        ChatSession.Answer answer = echo().say("well", pieces::add);
        assertThat(String.join("", pieces)).isEqualTo(answer.text()).isEqualTo("well");
        assertThat(answer.generated().reason()).isEqualTo(Generator.Generated.Reason.LENGTH);
    }

    @Test
    void whatCouldNotBeAnsweredWasNotSaid() throws InterruptedException {
        ChatSession chat = echo();
        assertThatThrownBy(() -> chat.say("no"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not that");
        ChatSession broken = ChatSession.of(
                (prompt, listener) -> {
                    throw new InterruptedException("stop");
                },
                template);
        assertThatThrownBy(() -> broken.say("hi")).isInstanceOf(InterruptedException.class);
        assertThat(broken.messages()).isEmpty();
        chat.say("hi");
        assertThat(read).containsExactly("user: hi assistant:");
    }

    @Test
    void aGeneratorAnswersAsItContinues() throws InterruptedException {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32)) {
            Generator generator = new Generator(
                    model,
                    GenerationConfig.builder().greedy(true).maxNewTokens(4).build());
            ChatSession.Answer answer = ChatSession.of(generator, template).say("hi");
            int[] prompt = template.encode(List.of(Message.user("hi")), true);
            assertThat(answer.generated().ids())
                    .isEqualTo(generator.generate(List.of(prompt)).get(0).ids());
            assertThat(answer.text())
                    .isEqualTo(tokenizer.decode(answer.generated().ids(), true));
        }
    }
}
