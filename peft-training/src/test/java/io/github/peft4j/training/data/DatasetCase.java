package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.training.data.internal.DataReport;
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

    /** The text of all tokens, then those of the labels, with a dot for each that is not learned. */
    String shown(Row example) {
        StringBuilder shown = new StringBuilder(tokenizer.decode(example.tokenIds(), false)).append(" | ");
        for (int i = 0; i < example.length(); i++) {
            int label = labels(example)[i];
            assertThat(label).isIn(-100, example.tokenIds()[i]);
            shown.append(label < 0 ? "." : tokenizer.decode(new int[] {label}, false));
        }
        return shown.toString();
    }

    static int[] labels(Row row) {
        return ((Row.Target.NextTokens) row.target()).labels();
    }

    /** Rows that were too long, by what became of them. */
    static DataReport.OddRows odd(int tooLong, int cut, int split, int windows, int nothingLeft) {
        return new DataReport.OddRows(
                tooLong, cut, split, windows, nothingLeft, DataReport.Said.NOTHING, DataReport.Said.NOTHING);
    }
}
