package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.EncodingOptions.OddRows;
import io.github.peft4j.training.data.EncodingOptions.OddRows.Choice;
import io.github.peft4j.training.data.EncodingOptions.RowLabels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of rows that are not as they should be. */
class OddRowsTest extends DatasetCase {

    private static final String GOOD = "{\"text\":\"good\"}";

    private EncodingOptions with(OddRows odd) {
        return options.withOddRows(odd);
    }

    /** What happens to each kind of oddity, as things are by default: the text of the row, or why it is refused. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "{'prompt':'p','completion':null}|no example: .. completion must be text, got null",
                "{'instruction':'i','input':null,'output':'o'}|<s>io</s>",
                "{'text':''}|nothing to learn: .. text is empty",
                "{'text':'  '}|<s>  </s>",
                "{'prompt':'p','completion':''}|<s>p</s>",
                "{'prompt':'','completion':'c'}|<s>c</s>",
                "{'text':null}|no example: .. text must be text, got null",
                "{'text':7}|no text (put numbers in quotes, or let them be read as text): .. text must be text, got the number 7",
                "{'text':true}|no example: .. text must be text, got true",
                "{'text':['a']}|no example: .. text must be text, got a list",
                "{'text':'a\\u0000b'}|<s>a<unk>b</s>",
                "{'text':'a\\ud800b'}|cannot be encoded: .. the text is no valid Unicode: half of a surrogate pair at character 1",
                "{'messages':[{'role':'user','content':'u'}]}|nothing to learn: .. no message is the assistant's, or the chat template writes nothing of it",
                "{'messages':[{'role':'user','content':1}]}|no text (put numbers in quotes, or let them be read as text): .. messages[0].content must be text, got the number 1",
                "{'input_ids':[5,6],'labels':[-100,-100]}|nothing to learn: .. every label is -100",
                "{'input_ids':[],'labels':[]}|no example: .. a row needs at least one token",
                "{'input_ids':[999],'labels':[999]}|ids outside the vocabulary: .. expected ids below 99, got 999",
                "{'question':'q'}|no example: .. expected input_ids and labels, messages, conversations, prompt and completion, instruction and output,"
                        + " or text; got the keys [\"question\"]",
                "[1]|unreadable: .. expected an object, got a list",
                "{'text':|unreadable: ..",
            })
    void each_oddity_is_kept_or_refused_with_its_place(String row, String expected) throws IOException {
        String json = GOOD + "\n" + row.replace('\'', '"') + "\n" + GOOD + "\n";
        if (expected.startsWith("<s>")) {
            EncodingOptions brief = with(OddRows.DEFAULT).withTemplate(PromptTemplate.of("{instruction}{input}"));
            assertThat(tokenizer.decode(read(json, brief).rows().get(1).tokenIds(), false))
                    .isEqualTo(expected);
            return;
        }
        String[] parts = expected.split(" ?\\.\\. ?", -1);
        assertThatThrownBy(() -> read(json, with(OddRows.DEFAULT)))
                .hasMessageStartingWith("1 row cannot be used; " + parts[0].strip() + " " + folder.resolve("rows.jsonl")
                        + " line 2: " + parts[1]);
        OddRows skip = OddRows.DEFAULT.withBad(Choice.SKIP);
        if (expected.startsWith("unreadable")) {
            assertThatThrownBy(() -> read(json, with(skip))).hasMessageStartingWith("1 row cannot be used; unreadable");
        } else {
            assertThat(read(json, with(skip)).rows()).hasSize(2);
            assertThat(read(json, with(skip)).report().oddRows().places())
                    .singleElement()
                    .asString()
                    .startsWith("1 row left out; " + parts[0].strip());
        }
    }

    @Test
    void a_byte_order_mark_and_returns_at_the_ends_of_lines_are_nothing() throws IOException {
        byte[] text = ("\ufeff" + GOOD + "\r\n" + GOOD + "\r" + GOOD).getBytes(StandardCharsets.UTF_8);
        Dataset read = Dataset.read(List.of(Files.write(folder.resolve("marked.jsonl"), text)), options);

        assertThat(read.rows())
                .extracting(this::shown)
                .containsOnly("<s>good</s> | <s>good</s>")
                .hasSize(3);
    }

    @Test
    void numbers_become_text_as_python_writes_them_where_they_may() throws IOException {
        EncodingOptions numbers = with(OddRows.DEFAULT.withNumbersAsText(true)).withTemplate(PromptTemplate.PLAIN);
        String rows =
                "{\"text\":7}\n{\"prompt\":1.0,\"completion\":-2.50}\n{\"instruction\":\"add\",\"input\":12,\"output\":1e400}\n"
                        + "{\"messages\":[{\"role\":\"user\",\"content\":5},{\"role\":\"assistant\",\"content\":6}]}";

        assertThat(read(rows, numbers).rows().stream().map(row -> tokenizer.decode(row.tokenIds(), false)))
                .containsExactly("<s>7</s>", "<s>1.0-2.5</s>", "<s>add\n12\nInfinity</s>", "<s>u:5</s>\na:6</s>\n");
        assertThat(read(
                                "{\"anchor\":[5,6],\"positive\":7,\"negative\":[\"a\",8]}",
                                numbers.withLabels(RowLabels.ofPairs()))
                        .rows()
                        .get(0)
                        .sequences()
                        .stream()
                        .map(ids -> tokenizer.decode(ids, false)))
                .containsExactly(tokenizer.decode(new int[] {5, 6}, false), "<s>7", "<s>a", "<s>8");
    }

    @Test
    void blank_rows_are_kept_and_told_or_skipped_or_refused() throws IOException {
        String rows = GOOD + "\n{\"text\":\" \"}\n{\"prompt\":\"p\",\"completion\":\"\"}\n";
        Dataset kept = read(rows, with(OddRows.DEFAULT));
        String file = folder.resolve("rows.jsonl").toString();

        assertThat(kept.rows()).hasSize(3);
        assertThat(kept.report().toString()).endsWith("longest 6, 2 rows kept though they are blank");
        assertThat(kept.report().oddRows().places())
                .containsExactly("2 rows kept; blank: " + file + " line 2: text is blank; " + file
                        + " line 3: completion is empty");
        Dataset skipped = read(rows, with(OddRows.DEFAULT.withBlank(Choice.SKIP)));
        assertThat(skipped.rows()).hasSize(1);
        assertThat(skipped.report().oddRows().skipped().count()).isEqualTo(2);
        assertThatThrownBy(() -> read(rows, with(OddRows.DEFAULT.withBlank(Choice.REFUSE))))
                .hasMessageStartingWith("2 rows cannot be used; blank: ");
    }

    @Test
    void doubled_rows_are_kept_or_skipped_or_refused() throws IOException {
        String rows = GOOD + "\n{\"text\":\"other\"}\n" + GOOD + "\n{\"prompt\":\"go\",\"completion\":\"od\"}\n" + GOOD;

        assertThat(read(rows, with(OddRows.DEFAULT)).rows()).hasSize(5);
        Dataset skipped = read(rows, with(OddRows.DEFAULT.withDoubled(Choice.SKIP)));
        assertThat(skipped.rows()).hasSize(3);
        assertThat(skipped.report().oddRows().places())
                .containsExactly("2 rows left out; doubled: " + folder.resolve("rows.jsonl")
                        + " lines 3 and 5: the tokens and labels of a row before it");
        assertThatThrownBy(() -> read(rows, with(OddRows.DEFAULT.withDoubled(Choice.REFUSE))))
                .hasMessageStartingWith("2 rows cannot be used; doubled: ");
    }

    @Test
    void streamed_rows_are_not_looked_at_for_doubled_ones() {
        assertThatThrownBy(() -> Dataset.stream(List.of(), with(OddRows.DEFAULT.withDoubled(Choice.SKIP))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keep them, or read the rows into memory");
    }

    @Test
    void many_rows_that_differ_are_none_of_them_doubled() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            rows.append("{\"input_ids\":[")
                    .append(i % 90)
                    .append(',')
                    .append(i / 90)
                    .append("],\"labels\":[1,1]}\n");
        }
        Dataset once = read(rows.toString(), with(OddRows.DEFAULT.withDoubled(Choice.SKIP)));
        Dataset twice = read(rows.toString() + rows, with(OddRows.DEFAULT.withDoubled(Choice.SKIP)));

        assertThat(once.rows()).hasSize(5000);
        assertThat(twice.rows()).hasSize(5000);
    }

    @Test
    void what_is_left_out_is_told_where_no_row_is_left() {
        assertThatThrownBy(() -> read("{\"text\":\"\"}", with(OddRows.DEFAULT.withBad(Choice.SKIP))))
                .hasMessage(
                        "no rows are left of " + folder.resolve("rows.jsonl") + ": 1 row left out; nothing to learn: "
                                + folder.resolve("rows.jsonl") + " line 1: text is empty");
        assertThatThrownBy(() -> OddRows.DEFAULT.withBad(Choice.KEEP)).hasMessageContaining("skip or refuse them");
    }
}
