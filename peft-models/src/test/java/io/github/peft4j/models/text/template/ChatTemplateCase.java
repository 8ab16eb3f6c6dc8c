package io.github.peft4j.models.text.template;

import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Chats that a template writes for the tokenizer of a toy checkpoint. */
abstract class ChatTemplateCase {

    static final List<Message> TURNS =
            List.of(Message.user("Hello"), Message.assistant("Hi 😀!"), Message.user("né"), Message.assistant("Good."));

    @TempDir
    Path folder;

    Tokenizer tokenizer;

    @BeforeEach
    void openTokenizer() throws IOException {
        tokenizer = Tokenizer.open(ChatTemplateGoldenTest.folder(folder, "chatml"));
        Files.delete(folder.resolve("chat_template.jinja"));
    }

    @AfterEach
    void closeTokenizer() {
        tokenizer.close();
    }

    ChatTemplate template(String source) throws IOException {
        ToyFolders.write(folder, "chat_template.jinja", source);
        return ChatTemplate.open(folder, tokenizer);
    }

    ChatTemplate published(String name) throws IOException {
        ChatTemplateGoldenTest.folder(folder, name);
        return ChatTemplate.open(folder, tokenizer);
    }
}
