package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.training.data.EncodingOptions.RowLabels;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import io.github.peft4j.training.data.internal.DataReport;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of rows of more tokens than there may be. */
class TruncationTest extends DatasetCase {

    private static final String ANSWER = "{\"prompt\":\"1+1=\",\"completion\":\"two, I say\"}";

    private List<String> cut(String rows, int most, Truncation truncation) throws IOException {
        return read(rows, options.withMaxLength(most).withTruncation(truncation)).rows().stream()
                .map(this::shown)
                .toList();
    }

    private DataReport.OddRows odd(String rows, int most, Truncation truncation) throws IOException {
        return read(rows, options.withMaxLength(most).withTruncation(truncation))
                .report()
                .oddRows();
    }

    @Test
    void cuts_the_end_of_ids_and_labels_together() throws IOException {
        assertThat(cut(ANSWER, 16, Truncation.RIGHT)).containsExactly("<s>1+1=two, I say</s> | .....two, I say</s>");
        assertThat(cut(ANSWER, 8, Truncation.RIGHT)).containsExactly("<s>1+1=two | .....two");
        assertThat(odd(ANSWER, 8, Truncation.RIGHT)).isEqualTo(odd(0, 1, 0, 0, 0));
    }

    @Test
    void cuts_the_beginning_of_ids_and_labels_together() throws IOException {
        assertThat(cut(ANSWER, 8, Truncation.LEFT)).containsExactly(", I say</s> | , I say</s>");
        assertThat(cut(ANSWER, 13, Truncation.LEFT)).containsExactly("1=two, I say</s> | ..two, I say</s>");
    }

    @Test
    void a_row_of_which_nothing_is_left_to_learn_is_left_out_and_counted() throws IOException {
        String rows = ANSWER + "\n{\"text\":\"abc\"}";

        assertThat(cut(rows, 5, Truncation.RIGHT)).containsExactly("<s>abc</s> | <s>abc</s>");
        assertThat(odd(rows, 5, Truncation.RIGHT)).isEqualTo(odd(0, 0, 0, 0, 1));
        assertThatThrownBy(() -> cut(ANSWER, 5, Truncation.RIGHT))
                .hasMessage(
                        "nothing to learn is left of any row cut to 5 tokens; the longest has 16. Allow a greater length");
    }

    @Test
    void windows_learn_each_token_once() throws IOException {
        assertThat(cut(ANSWER, 6, Truncation.windows(2)))
                .containsExactly("<s>1+1=t | .....t", "=two,  | ..wo, ", ", I sa | ..I sa", "say</s> | ..y</s>");
        assertThat(odd(ANSWER, 6, Truncation.windows(2))).isEqualTo(odd(0, 0, 1, 4, 0));
        assertThat(cut("{\"text\":\"abcdef\"}", 4, Truncation.windows(0)))
                .containsExactly("<s>abc | <s>abc", "def</s> | def</s>");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "3"})
    void windows_of_any_overlap_learn_all_that_the_row_learns(int overlap) throws IOException {
        int all = labels(read(ANSWER, options).rows().get(0)).length - 5;
        for (int most = overlap + 1; most < 18; most++) {
            long learned =
                    read(ANSWER, options.withMaxLength(most).withTruncation(Truncation.windows(overlap)))
                            .rows()
                            .stream()
                            .flatMap(row -> Arrays.stream(labels(row)).boxed())
                            .filter(label -> label >= 0)
                            .count();
            assertThat(learned).as("windows of %d", most).isEqualTo(all);
        }
    }

    @Test
    void the_report_says_what_was_done() throws IOException {
        String rows = ANSWER + "\n{\"text\":\"abc\"}";

        assertThat(read(rows, options.withMaxLength(8).withTruncation(Truncation.RIGHT))
                        .report())
                .hasToString("2 rows, 13 tokens, 7 supervised, longest 16, 1 row cut to the greatest length");
        assertThat(read(rows, options.withMaxLength(6).withTruncation(Truncation.windows(1)))
                        .report()
                        .toString())
                .endsWith("longest 16, 1 row split into 3 windows");
    }

    @Test
    void an_overlap_must_be_smaller_than_a_window() {
        assertThatThrownBy(() -> options.withMaxLength(4).withTruncation(Truncation.windows(4)))
                .hasMessage("windows of 4 tokens cannot overlap by 4: the overlap must be smaller");
    }

    @Test
    void a_row_with_a_label_keeps_the_special_tokens_around_its_text() throws IOException {
        EncodingOptions classes = options.withLabels(
                        RowLabels.ofRows(new SequenceHead.Labels(List.of("no", "yes")), true))
                .withMaxLength(5);
        String rows =
                "{\"text\":\"abcdefg\",\"label\":\"yes\"}\n{\"text\":\"abcdefg\",\"text_pair\":\"xyz\",\"label\":0}\n"
                        + "{\"input_ids\":[9,8,7,6,5,4],\"label\":1}";

        assertThat(texts(read(rows, classes.withTruncation(Truncation.RIGHT))))
                .containsExactly("<s>abcd", "<s>abxy", tokenizer.decode(new int[] {9, 8, 7, 6, 5}, false));
        assertThat(texts(read(rows, classes.withTruncation(Truncation.LEFT))))
                .containsExactly("<s>defg", "<s>fgyz", tokenizer.decode(new int[] {8, 7, 6, 5, 4}, false));
        assertThatThrownBy(() -> read(rows, classes.withTruncation(Truncation.windows(1))))
                .hasMessageContaining(
                        "lines 1-3: a row of more than 5 tokens is to be one row, since what it has is of the"
                                + " whole: it can be cut (right or left), not split into windows");
    }

    private List<String> texts(Dataset read) {
        return read.rows().stream()
                .map(Row::tokenIds)
                .map(ids -> tokenizer.decode(ids, false))
                .toList();
    }

    @Test
    void each_text_of_a_pair_is_cut_by_itself() throws IOException {
        Row row = read(
                        "{\"anchor\":\"abcdefg\",\"positive\":\"xy\",\"negative\":[[9,8,7,6,5,4]]}",
                        options.withLabels(RowLabels.ofPairs()).withMaxLength(4).withTruncation(Truncation.RIGHT))
                .rows()
                .get(0);

        assertThat(row.sequences().stream().map(ids -> tokenizer.decode(ids, false)))
                .containsExactly("<s>abc", "<s>xy", tokenizer.decode(new int[] {9, 8, 7, 6}, false));
    }
}
