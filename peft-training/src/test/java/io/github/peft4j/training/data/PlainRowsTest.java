package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.training.data.EncodingOptions.RowLabels;
import io.github.peft4j.training.data.internal.FoundLabels;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of CSV, where all values are text: what is asked for says what they are. */
class PlainRowsTest extends DatasetCase {

    private List<Row> csv(String content, EncodingOptions with) throws IOException {
        return Dataset.read(List.of(file("rows.csv", content)), with).rows();
    }

    private List<Row> jsonl(String content, EncodingOptions with) throws IOException {
        return Dataset.read(List.of(file("rows.jsonl", content)), with).rows();
    }

    @Test
    void a_text_of_digits_stays_text_and_an_empty_one_is_no_input() throws IOException {
        assertThat(csv("instruction,input,output\n42,,1\n\"[1,2]\",7,\n", options))
                .usingRecursiveComparison()
                .isEqualTo(jsonl(
                        "{\"instruction\":\"42\",\"input\":null,\"output\":\"1\"}\n"
                                + "{\"instruction\":\"[1,2]\",\"input\":\"7\",\"output\":\"\"}\n",
                        options));
    }

    @Test
    void lists_are_read_where_lists_are_wanted() throws IOException {
        assertThat(csv("input_ids,labels\n\"[1, 2]\",\"[-100,2]\"\n", IDS))
                .usingRecursiveComparison()
                .isEqualTo(jsonl("{\"input_ids\":[1,2],\"labels\":[-100,2]}", IDS));
        assertThatThrownBy(() -> csv("input_ids,labels\n1 2,\"[1,2]\"\n", IDS))
                .hasMessageContaining("rows.csv line 2: input_ids must be a list of whole numbers, got text");
    }

    @Test
    void labels_are_numbers_or_names_as_they_look() throws IOException {
        EncodingOptions numbered = options.withLabels(RowLabels.ofRows(SequenceHead.Labels.numbered(3), true));
        assertThat(csv("text,label\n7,2\nb,0\n", numbered))
                .usingRecursiveComparison()
                .isEqualTo(jsonl("{\"text\":\"7\",\"label\":2}\n{\"text\":\"b\",\"label\":0}", numbered));
        EncodingOptions value = options.withLabels(RowLabels.ofRows(SequenceHead.Labels.numbered(1), true));
        assertThat(csv("text,label\na,-0.5\n", value))
                .usingRecursiveComparison()
                .isEqualTo(jsonl("{\"text\":\"a\",\"label\":-0.5}", value));
        EncodingOptions named =
                options.withLabels(RowLabels.ofRows(new SequenceHead.Labels(List.of("NA", "true")), true));
        assertThat(csv("text,label\na,true\nb,NA\n", named))
                .usingRecursiveComparison()
                .isEqualTo(jsonl("{\"text\":\"a\",\"label\":\"true\"}\n{\"text\":\"b\",\"label\":\"NA\"}", named));
        assertThatThrownBy(() -> csv("text,label\na,\n", named)).hasMessageContaining("line 2: there is no label");
        assertThat(FoundLabels.in(List.of(RowSource.of(file("found.csv", "text,label\na,0\nb,4\n"))), false)
                        .outputs()
                        .orElseThrow()
                        .count())
                .isEqualTo(5);
    }

    @Test
    void a_row_is_what_it_has_values_for() throws IOException {
        String mixed = "{\"input_ids\":null,\"labels\":null,\"text\":\"a\"}";
        assertThat(csv("input_ids,labels,text\n,,a\n", options))
                .usingRecursiveComparison()
                .isEqualTo(jsonl(mixed, options))
                .isEqualTo(jsonl("{\"text\":\"a\"}", options));
        assertThatThrownBy(() -> jsonl("{\"prompt\":\"a\",\"completion\":null}", options))
                .hasMessageContaining("completion must be text, got null");
    }

    @Test
    void scores_of_pairs_are_numbers() throws IOException {
        EncodingOptions pairs = options.withLabels(RowLabels.ofPairs());
        assertThat(csv("text,text_pair,score\na,42,0.5\n", pairs))
                .usingRecursiveComparison()
                .isEqualTo(jsonl("{\"text\":\"a\",\"text_pair\":\"42\",\"score\":0.5}", pairs));
    }
}
