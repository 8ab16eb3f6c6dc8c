package io.github.peft4j.models.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import io.github.peft4j.models.text.internal.folder.MarkedChat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chat templates in the forms that are in use give the text, the ids and the assistant's tokens that transformers gives. */
class ChatTemplateGoldenTest {

    private static final JsonNode FIXTURE = read();

    @TempDir
    private Path work;

    private static JsonNode read() {
        try (InputStream in = ChatTemplateGoldenTest.class.getResourceAsStream("/text/chat.json")) {
            return ToyFolders.JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> templates() {
        List<String> names = new ArrayList<>();
        FIXTURE.get("templates").fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @MethodSource("templates")
    void renders_what_transformers_renders(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(folder(work, name))) {
            ChatTemplate template = ChatTemplate.open(work, tokenizer);
            SoftAssertions softly = new SoftAssertions();
            for (JsonNode c : FIXTURE.get("cases")) {
                if (c.get("template").textValue().equals(name)) {
                    List<Message> messages = messages(c.get("conversation").textValue());
                    check(softly, template, messages, false, c.get("text"));
                    check(softly, template, messages, true, c.get("prompt"));
                    if (c.has("ids")) {
                        softly.assertThat(template.encode(messages, false)).isEqualTo(ints(c.get("ids")));
                    }
                    if (c.has("assistant")) {
                        MarkedChat marked = template.encodeMarked(messages);
                        softly.assertThat(marked.tokenIds()).isEqualTo(ints(c.get("ids")));
                        if (messages.stream().anyMatch(m -> m.role().equals(Message.ASSISTANT))) {
                            softly.assertThat(marked.assistant())
                                    .as("%s %s", name, messages)
                                    .isEqualTo(flags(c.get("assistant")));
                        }
                    }
                }
            }
            softly.assertAll();
        }
    }

    private static void check(
            SoftAssertions softly, ChatTemplate template, List<Message> messages, boolean prompt, JsonNode expected) {
        if (expected.isNull()) {
            assertThatThrownBy(() -> template.render(messages, prompt)).isInstanceOf(IllegalArgumentException.class);
        } else {
            softly.assertThat(template.render(messages, prompt)).isEqualTo(expected.textValue());
        }
    }

    static List<JsonNode> choices() throws IOException {
        try (InputStream in = ChatTemplateGoldenTest.class.getResourceAsStream("/text/chat_choice.json")) {
            List<JsonNode> cases = new ArrayList<>();
            ToyFolders.JSON.readTree(in).get("cases").forEach(cases::add);
            return cases;
        }
    }

    @ParameterizedTest
    @MethodSource("choices")
    void takes_the_template_that_transformers_takes(JsonNode c) throws IOException {
        Files.createDirectory(work.resolve("additional_chat_templates"));
        for (Map.Entry<String, JsonNode> file : c.get("files").properties()) {
            ToyFolders.write(work, file.getKey(), file.getValue().textValue());
        }
        ToyFolders.write(
                work,
                "tokenizer_config.json",
                ToyFolders.JSON.createObjectNode().set("chat_template", c.get("config")));
        if (!c.get("chosen").isNull()) {
            assertThat(ChatTemplateFile.find(work))
                    .extracting(ChatTemplateFile::source)
                    .isEqualTo(c.get("chosen").textValue());
        } else if (c.get("files").isEmpty() && c.get("config").isNull()) {
            assertThat(ChatTemplateFile.find(work)).isNull();
        } else if (!c.get("config").isNull()) {
            assertThatThrownBy(() -> ChatTemplateFile.find(work)).isInstanceOf(CheckpointException.class);
        }
    }

    /** Writes the fixture's tokenizer and one of its templates. */
    static Path folder(Path folder, String template) throws IOException {
        for (Map.Entry<String, JsonNode> file : FIXTURE.get("folder").properties()) {
            ToyFolders.write(folder, file.getKey(), file.getValue());
        }
        ToyFolders.write(
                folder,
                "chat_template.jinja",
                FIXTURE.get("templates").get(template).textValue());
        return folder;
    }

    private static List<Message> messages(String conversation) {
        List<Message> messages = new ArrayList<>();
        FIXTURE.get("conversations")
                .get(conversation)
                .forEach(turn -> messages.add(
                        new Message(turn.get(0).textValue(), turn.get(1).textValue())));
        return messages;
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    private static boolean[] flags(JsonNode array) {
        boolean[] flags = new boolean[array.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = array.get(i).intValue() == 1;
        }
        return flags;
    }
}
