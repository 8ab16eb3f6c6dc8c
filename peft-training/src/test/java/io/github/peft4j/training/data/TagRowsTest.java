package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of words with tags, as Hugging Face's {@code run_ner.py} aligns them, and of two texts. */
class TagRowsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final JsonNode GOLDEN = read();

    @TempDir
    private Path folder;

    private Tokenizer tokenizer;
    private EncodingOptions options;

    private static JsonNode read() {
        try (InputStream in = TagRowsTest.class.getResourceAsStream("/golden/tags.json")) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void open() throws IOException {
        for (var file : GOLDEN.get("files").properties()) {
            Files.writeString(folder.resolve(file.getKey()), JSON.writeValueAsString(file.getValue()));
        }
        tokenizer = Tokenizer.open(folder);
        options = EncodingOptions.of(28)
                .withTokenizer(tokenizer)
                .withLabels(EncodingOptions.RowLabels.ofTokens(labels(), true));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private static SequenceHead.Labels labels() {
        List<String> names = new ArrayList<>();
        GOLDEN.get("labels").forEach(name -> names.add(name.textValue()));
        return new SequenceHead.Labels(names);
    }

    private Dataset read(EncodingOptions with, String... rows) throws IOException {
        return Dataset.read(List.of(Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", rows))), with);
    }

    private static Row.Target.TokenLabels target(Row row) {
        return (Row.Target.TokenLabels) row.target();
    }

    @ParameterizedTest
    @CsvSource({"first", "all"})
    void tags_of_words_become_labels_of_tokens_as_in_run_ner(String pieces) throws IOException {
        EncodingOptions.RowLabels of = EncodingOptions.RowLabels.ofTokens(labels(), true);
        EncodingOptions with = options.withLabels(pieces.equals("all") ? of.atEveryPiece() : of);
        List<String> lines = new ArrayList<>();
        for (JsonNode each : GOLDEN.get("cases")) {
            lines.add(JSON.writeValueAsString(each.get("row")));
        }
        Dataset read = read(with, lines.toArray(String[]::new));
        assertThat(read.rows()).hasSameSizeAs(lines);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode wanted = GOLDEN.get("cases").get(i);
            Row row = read.rows().get(i);
            assertThat(row.tokenIds()).isEqualTo(JSON.convertValue(wanted.get("ids"), int[].class));
            assertThat(target(row).labels()).isEqualTo(JSON.convertValue(wanted.get(pieces), int[].class));
            // Judged is the first token of each word, however many learn.
            assertThat(target(row).judged().map(place -> target(row).labels()[place]))
                    .containsExactlyElementsOf(
                            java.util.Arrays.stream(JSON.convertValue(wanted.get("first"), int[].class))
                                    .filter(label -> label >= 0)
                                    .boxed()
                                    .toList());
        }
        assertThat(read.report().toString()).contains("1 words that become no token");
    }

    @Test
    void tags_may_be_numbers_of_which_minus_100_is_not_learned() throws IOException {
        Row row = read(options, "{\"tokens\":[\"new\",\"york\",\"merkel\"],\"ner_tags\":[0,\"I-LOC\",-100]}")
                .rows()
                .get(0);
        assertThat(row.tokenIds()).containsExactly(2, 13, 14, 8, 9, 3);
        assertThat(target(row).labels()).containsExactly(-100, 0, 4, -100, -100, -100);
        assertThat(target(row).words()).containsExactly(1, 2, 3);
    }

    @Test
    void words_to_be_predicted_need_no_tags() throws IOException {
        EncodingOptions predicted = options.withLabels(EncodingOptions.RowLabels.ofTokens(labels(), false));
        Row row = read(predicted, "{\"tokens\":[\"merkel\",\"\u200b\",\"york\"]}")
                .rows()
                .get(0);
        assertThat(target(row).words()).containsExactly(1, -1, 3);
        assertThat(target(row).supervised(0)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'tokens':['new','york'],'tags':['O']}|expected one of tags for each of tokens, got 2 tokens and 1 tags",
                "{'tokens':['new'],'tags':['B-GPE']}|tags[0] \"B-GPE\" is none of the model's: expected one of [\"B-LOC\"",
                "{'tokens':['new'],'tags':[8]}|tags[0] must be a number from 0 to 7, got 8",
                "{'tokens':['new'],'tags':[-1]}|tags[0] must be a number from 0 to 7, got -1",
                "{'tokens':['new'],'tags':[null]}|tags[0] must be the name of a class, or a number from 0 to 7, got null",
                "{'tokens':['new',2],'tags':['O','O']}|tokens[1] must be text",
                "{'tokens':'new york','tags':['O']}|tokens must be a list of texts",
                "{'tokens':['new']}|there are no tags",
                "{'tokens':['new'],'tags':'O'}|tags must be a list of names or numbers",
                "{'tokens':['','\u200b'],'tags':['O','O']}|no word with a tag becomes a token",
                "{'tokens':[],'tags':[]}|no word with a tag becomes a token",
                "{'text':'new york','label':'O'}|expected tokens and tags, or input_ids, and labels for each of them",
            })
    void refuses_a_row_of_words_and_says_why(String row, String reason) {
        assertThatThrownBy(() -> read(options, row.replace('\'', '"')))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rows.jsonl line 1")
                .hasMessageContaining(reason);
    }

    @Test
    void two_texts_have_the_types_that_the_model_tells_apart() throws IOException {
        EncodingOptions rows = options.withLabels(EncodingOptions.RowLabels.ofRows(labels(), true));
        String row = "{\"text\":\"new york\",\"text_pair\":\"merkel\",\"label\":\"O\"}";
        Row typed = read(rows.withTokenTypes(2), row).rows().get(0);
        assertThat(typed.tokenIds()).containsExactly(2, 13, 14, 3, 8, 9, 3);
        assertThat(typed.tokenTypes()).containsExactly(0, 0, 0, 0, 1, 1, 1);
        assertThat(typed.target()).isEqualTo(new Row.Target.Label(7));
        assertThat(read(rows.withTokenTypes(1), row).rows().get(0).tokenTypes()).isEmpty();
        assertThat(read(rows, "{\"text\":\"new york\",\"text_pair\":null,\"label\":7}")
                        .rows()
                        .get(0)
                        .tokenIds())
                .containsExactly(2, 13, 14, 3);
        assertThatThrownBy(() -> read(rows, "{\"text\":\"new\",\"text_pair\":[\"york\"],\"label\":7}"))
                .hasMessageContaining("text_pair must be text");
    }

    @ParameterizedTest
    @CsvSource({"right", "left"})
    void words_are_cut_as_in_run_ner(String side) throws IOException {
        EncodingOptions.Truncation truncation =
                side.equals("left") ? EncodingOptions.Truncation.LEFT : EncodingOptions.Truncation.RIGHT;
        int most = GOLDEN.get("most").intValue();
        for (JsonNode each : GOLDEN.get("cases")) {
            Row row = read(
                            options.withMaxLength(most).withTruncation(truncation),
                            JSON.writeValueAsString(each.get("row")))
                    .rows()
                    .get(0);
            JsonNode wanted = each.get(side);
            assertThat(row.tokenIds()).isEqualTo(JSON.convertValue(wanted.get("ids"), int[].class));
            assertThat(target(row).labels()).isEqualTo(JSON.convertValue(wanted.get("labels"), int[].class));
        }
    }

    @Test
    void windows_of_words_learn_each_tag_once() throws IOException {
        EncodingOptions windows = options.withMaxLength(6).withTruncation(EncodingOptions.Truncation.windows(2));
        String row = JSON.writeValueAsString(GOLDEN.get("cases").get(0).get("row"));
        List<Integer> whole = new ArrayList<>();
        List<Integer> pieces = new ArrayList<>();
        Dataset once = read(options, row);
        once.rows()
                .forEach(each -> target(each)
                        .judged()
                        .forEach(place -> whole.add(target(each).labels()[place])));
        Dataset split = read(windows, row);
        split.rows()
                .forEach(each -> target(each)
                        .judged()
                        .forEach(place -> pieces.add(target(each).labels()[place])));

        assertThat(split.rows())
                .hasSizeGreaterThan(1)
                .allSatisfy(each -> assertThat(each.length()).isLessThanOrEqualTo(6));
        assertThat(pieces).isEqualTo(whole);
    }
}
