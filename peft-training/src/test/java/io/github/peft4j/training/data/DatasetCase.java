package io.github.peft4j.training.data;

import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Files of rows, read with the vocabulary of a toy checkpoint. */
abstract class DatasetCase {

    static final EncodingOptions IDS = EncodingOptions.of(100);

    @TempDir
    Path folder;

    Tokenizer tokenizer;
    EncodingOptions options;

    @BeforeEach
    void open() throws IOException {
        ToyCheckpoint.write(folder);
        tokenizer = Tokenizer.open(folder);
        options = EncodingOptions.of(ToyCheckpoint.SIZE).withTokenizer(tokenizer, ChatTemplate.open(folder, tokenizer));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    Path file(String name, String content) throws IOException {
        ToyCheckpoint.write(folder, name, content);
        return folder.resolve(name);
    }

    Dataset read(String content, EncodingOptions with) throws IOException {
        return Dataset.read(List.of(file("rows.jsonl", content)), with);
    }
}
