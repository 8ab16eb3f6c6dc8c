package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of texts of which some go together, and which are refused. */
class PairDatasetTest extends DatasetCase {

    private Row row(String json) throws IOException {
        return read(json, options.withLabels(EncodingOptions.RowLabels.ofPairs()))
                .rows()
                .get(0);
    }

    private String text(int[] ids) {
        return tokenizer.decode(ids, false);
    }

    @Test
    void pairsAreAnAnchorAndItsPositive() throws IOException {
        Row row = row("{\"anchor\":\"cat\",\"positive\":\"a cat\",\"id\":7}");
        assertThat(text(row.tokenIds())).isEqualTo("<s>cat");
        Row.Target.Contrast contrast = (Row.Target.Contrast) row.target();
        assertThat(text(contrast.positive())).isEqualTo("<s>a cat");
        assertThat(contrast.negatives()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"negative\":[\"dog\",\"hat\"]",
                "\"negative_1\":\"dog\",\"negative_2\":\"hat\"",
                "\"negative\":\"dog\",\"negative_2\":[\"hat\"]",
                "\"negative\":[\"dog\",[0,75,68,87]]"
            })
    void negativesAreOneTextOrSeveral(String negatives) throws IOException {
        Row row = row("{\"anchor\":\"cat\",\"positive\":\"a cat\"," + negatives + "}");
        assertThat(((Row.Target.Contrast) row.target()).negatives())
                .extracting(this::text)
                .containsExactly("<s>dog", "<s>hat");
        assertThat(row.sequences()).hasSize(4);
        assertThat(row.tokens()).isEqualTo(4 + 6 + 4 + 4);
        assertThat(row.longest()).isEqualTo(6);
    }

    @Test
    void textsMayBeTokenIdsWhichNeedNoTokenizer() throws IOException {
        Dataset read = read(
                "{\"anchor\":[1,2],\"positive\":[3],\"negative\":[4,5,6]}\n{\"anchor\":[1],\"positive\":[3],\"negative\":[]}",
                IDS.withLabels(EncodingOptions.RowLabels.ofPairs()));
        assertThat(((Row.Target.Contrast) read.rows().get(0).target()).negatives())
                .singleElement()
                .isEqualTo(new int[] {4, 5, 6});
        assertThat(((Row.Target.Contrast) read.rows().get(1).target()).negatives())
                .isEmpty();
        assertThat(read.report())
                .isEqualTo(new DataReport(2, 8, 0, 3, 0, Map.of("anchor", 2), DataReport.OddRows.NONE));
    }

    @Test
    void scoredPairsHaveACosineToReach() throws IOException {
        Row.Target.Similarity similarity = (Row.Target.Similarity)
                row("{\"text\":\"cat\",\"text_pair\":\"hat\",\"score\":0.25}").target();
        assertThat(text(similarity.other())).isEqualTo("<s>hat");
        assertThat(similarity.score()).isEqualTo(0.25f);
    }

    @Test
    void rowsWithATextThatIsTooLongAreLeftOutAndCounted() throws IOException {
        EncodingOptions shorter =
                IDS.withLabels(EncodingOptions.RowLabels.ofPairs()).withMaxLength(2);
        Dataset read = read("{\"anchor\":[1],\"positive\":[1,2,3]}\n{\"anchor\":[1],\"positive\":[2]}", shorter);
        assertThat(read.rows()).hasSize(1);
        assertThat(read.report().oddRows().tooLong()).isEqualTo(1);
        assertThat(read.report().longest()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"anchor\":\"cat\"} | expected anchor and positive, and perhaps negative; or text, text_pair and score; got the keys [\"anchor\"]",
                "{\"text\":\"cat\",\"text_pair\":\"hat\"} | got the keys [\"text\", \"text_pair\"]",
                "{\"anchor\":\"cat\",\"positive\":7} | positive must be text, or a list of token ids, got the number 7",
                "{\"anchor\":\" \",\"positive\":\"cat\"} | anchor is empty",
                "{\"anchor\":\"cat\",\"positive\":\"hat\",\"negative\":[\"dog\",null]} | negative[1] must be text, or a list of token ids, got null",
                "{\"anchor\":\"cat\",\"positive\":\"hat\",\"negatives\":\"dog\"} | \"negatives\" is no name of negatives: expected negative, a text or a list of texts, or negative_1, negative_2 and so on",
                "{\"anchor\":[],\"positive\":\"hat\"} | a row needs at least one token",
                "{\"anchor\":[1],\"positive\":[]} | the positive needs at least one token",
                "{\"anchor\":[1],\"positive\":[-4]} | token id -4 at position 0 is negative",
                "{\"anchor\":[1],\"positive\":[1000]} | expected ids below 99, got 1000",
                "{\"text\":\"cat\",\"text_pair\":\"hat\",\"score\":5} | a score must be a cosine, from -1 to 1, got 5.0",
                "{\"text\":\"cat\",\"text_pair\":\"hat\",\"score\":\"1\"} | score must be a number from -1 to 1, got text",
            })
    void badRowsAreRefusedWithTheirPlace(String row, String message) {
        assertThatThrownBy(() -> row("{\"anchor\":\"cat\",\"positive\":\"hat\"}\n" + row))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("rows.jsonl")
                .hasMessageContaining("line 2");
    }

    @Test
    void pairsAreNotForNextTokens() {
        assertThatThrownBy(() -> read("{\"anchor\":[1],\"positive\":[2]}", IDS))
                .hasMessageContaining("got the keys [\"anchor\", \"positive\"]");
        assertThat(List.of(EncodingOptions.RowLabels.ofHiddenTokens().pairs())).containsExactly(false);
    }
}
