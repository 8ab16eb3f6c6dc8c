package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kinds of rows become, and which rows are refused. */
class DatasetTest extends DatasetCase {

    private String shown(String row, EncodingOptions with) throws IOException {
        return shown(read(row, with).rows().get(0));
    }

    @Test
    void takes_token_ids_and_labels_as_they_are_without_a_tokenizer() throws IOException {
        Dataset examples = read("{\"input_ids\":[5,99,0],\"labels\":[-100,7,99]}", IDS);

        assertThat(examples.rows().get(0).tokenIds()).containsExactly(5, 99, 0);
        assertThat(labels(examples.rows().get(0))).containsExactly(-100, 7, 99);
        assertThat(examples.report())
                .isEqualTo(new DataReport(1, 3, 2, 3, 0, Map.of("input_ids", 1), DataReport.OddRows.NONE));
    }

    @Test
    void takes_an_attention_mask_of_ones() throws IOException {
        assertThat(read("{\"input_ids\":[5,6],\"labels\":[5,6],\"attention_mask\":[1,1]}", IDS)
                        .rows())
                .hasSize(1);
    }

    @Test
    void learns_all_of_a_text_and_its_end() throws IOException {
        assertThat(shown("{\"text\":\"Hi you\"}", options)).isEqualTo("<s>Hi you</s> | <s>Hi you</s>");
        assertThat(shown("{\"text\":\"Hi</s>\"}", options)).isEqualTo("<s>Hi</s> | <s>Hi</s>");
    }

    @Test
    void learns_the_completion_of_a_prompt_and_its_end() throws IOException {
        assertThat(shown("{\"prompt\":\"1+1=\",\"completion\":\" 2\"}", options))
                .isEqualTo("<s>1+1= 2</s> | ..... 2</s>");
        assertThat(shown("{\"prompt\":\"\",\"completion\":\"x</s>\"}", options)).isEqualTo("<s>x</s> | .x</s>");
        assertThat(shown("{\"prompt\":\"x\",\"completion\":\"\"}", options)).isEqualTo("<s>x</s> | ..</s>");
    }

    @Test
    void learns_the_output_of_an_instruction_and_its_end() throws IOException {
        EncodingOptions plain = options.withTemplate(PromptTemplate.PLAIN);

        assertThat(shown("{\"instruction\":\"Add\",\"input\":\"1,1\",\"output\":\"2\"}", plain))
                .isEqualTo("<s>Add\n1,1\n2</s> | .........2</s>");
        assertThat(shown("{\"instruction\":\"Say\",\"input\":\"\",\"output\":\"x\"}", plain))
                .isEqualTo("<s>Say\nx</s> | .....x</s>");
        assertThat(shown("{\"instruction\":\"Say\",\"output\":\"x\"}", plain)).isEqualTo("<s>Say\nx</s> | .....x</s>");
        assertThat(shown("{\"instruction\":\"Say\",\"input\":null,\"output\":\"x\"}", plain))
                .isEqualTo("<s>Say\nx</s> | .....x</s>");
        assertThat(shown("{\"instruction\":\"I\",\"output\":\"x\"}", options))
                .startsWith("<s>Below is an instruction that describes a task. Write")
                .endsWith(".x</s>");
    }

    @Test
    void learns_what_the_assistant_says() throws IOException {
        String row =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yo\"},"
                        + "{\"role\":\"user\",\"content\":\"x\",\"name\":null},{\"role\":\"assistant\",\"content\":\"y\"}]}";

        assertThat(shown(row, options))
                .isEqualTo("<s>u:Hi</s>\na:Yo</s>\nu:x</s>\na:y</s>\n | .........Yo</s>........y</s>.");
    }

    @Test
    void appends_nothing_where_the_tokenizer_names_no_end() throws IOException {
        ToyCheckpoint.write(folder, "tokenizer_config.json", "{}");
        try (Tokenizer other = Tokenizer.open(folder)) {
            EncodingOptions endless = options.withTokenizer(other);

            assertThat(shown("{\"text\":\"Hi\"}", endless)).isEqualTo("<s>Hi | <s>Hi");
            assertThatThrownBy(() -> read("{\"prompt\":\"Hi\",\"completion\":\"\"}", endless))
                    .hasMessage(
                            "1 row cannot be used; nothing to learn: " + folder.resolve("rows.jsonl")
                                    + " line 1: there is nothing after the prompt, and the tokenizer has no token that ends a text");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"input_ids\":[5],\"labels\":[5],\"text\":\"t\"}|input_ids",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\"a\"}],\"text\":\"t\"}|messages",
                "{\"instruction\":\"i\",\"input\":\"\",\"output\":\"o\",\"text\":\"t\"}|instruction",
                "{\"prompt\":\"p\",\"completion\":\"c\",\"instruction\":\"i\",\"output\":\"o\"}|prompt",
                "{\"text\":\"t\",\"prompt\":\"p\",\"id\":7,\"source\":{}}|text",
            })
    void takes_the_first_kind_that_a_row_would_do_as(String row, String kind) throws IOException {
        assertThat(read(row, options).report().kinds()).containsExactly(Map.entry(kind, 1));
    }

    @Test
    void leaves_out_and_counts_rows_that_are_too_long() throws IOException {
        String rows = "{\"text\":\"abc\"}\n{\"text\":\"abcd\"}\n{\"text\":\"ab\"}\n{\"text\":\"abcdefgh\"}\n";

        Dataset examples = read(rows, options.withMaxLength(5));

        assertThat(examples.report()).isEqualTo(new DataReport(2, 9, 7, 10, 0, Map.of("text", 4), odd(2, 0, 0, 0, 0)));
        assertThat(examples.report())
                .hasToString(
                        "2 rows, 9 tokens, 7 supervised, longest 10, 2 rows left out because they are longer than the greatest"
                                + " length");
        assertThat(read(rows, options).report()).hasToString("4 rows, 25 tokens, 21 supervised, longest 10");
    }

    @Test
    void fails_where_every_row_is_too_long() {
        assertThatThrownBy(() -> read("{\"text\":\"abc\"}\n{\"text\":\"abcd\"}\n", options.withMaxLength(2)))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "all 2 rows are longer than 2 tokens; the longest has 6. Allow a greater length, or let them be"
                                + " cut");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"text\":\"a\"|unreadable|expected , or }, found the end at column 12",
                "{\"text\":a}|unreadable|expected a value, found a at column 9",
                "{\"text\":\"a\"} x|unreadable|expected nothing after the value, found x at column 14",
                "{\"text\":\"a\"} {}|unreadable|expected nothing after the value, found { at column 14",
                "{|unreadable|expected a key between quotation marks, found the end at column 2; expected a whole object in each line, or one list",
                "[1]|unreadable|expected an object, got a list",
                "\"a\"|unreadable|expected an object, got text",
                "7|unreadable|expected an object, got the number 7",
                "true|unreadable|expected an object, got true",
                "null|unreadable|expected an object, got null",
                "{}|no example|expected input_ids and labels, messages, conversations, prompt and completion, instruction and output, or text; got the keys []",
                "{\"txt\":1,\"prompt\":\"p\"}|no example|expected input_ids and labels, messages, conversations, prompt and completion, instruction and output, or text; got the keys [\"txt\", \"prompt\"]",
                "{\"input_ids\":[1]}|no example|labels must be a list of whole numbers, got nothing",
                "{\"input_ids\":\"1\",\"labels\":[1]}|no example|input_ids must be a list of whole numbers, got text",
                "{\"input_ids\":[1.5],\"labels\":[1]}|no example|input_ids[0] must be a whole number of 32 bits, got the number 1.5",
                "{\"input_ids\":[1,9999999999],\"labels\":[1,2]}|no example|input_ids[1] must be a whole number of 32 bits, got the number 9999999999",
                "{\"input_ids\":[1,null],\"labels\":[1,2]}|no example|input_ids[1] must be a whole number of 32 bits, got null",
                "{\"input_ids\":[],\"labels\":[]}|no example|a row needs at least one token",
                "{\"input_ids\":[1,2],\"labels\":[1]}|no example|expected a label for each token, got 2 token ids and 1 labels",
                "{\"input_ids\":[1,-2],\"labels\":[1,2]}|no example|token id -2 at position 1 is negative",
                "{\"input_ids\":[1,2],\"labels\":[1,-1]}|no example|label -1 at position 1 is negative and not -100",
                "{\"input_ids\":[1,2],\"labels\":[1,2],\"attention_mask\":[1,0]}|no example|attention_mask must be 1 for every token; leave padding out of input_ids and labels",
                "{\"input_ids\":[1,2],\"labels\":[-100,-100]}|nothing to learn|every label is -100",
                "{\"input_ids\":[1,99],\"labels\":[1,2]}|ids outside the vocabulary|expected ids below 99, got 99",
                "{\"input_ids\":[1,2],\"labels\":[1,100]}|ids outside the vocabulary|expected ids below 99, got 100",
                "{\"text\":null}|no example|text must be text, got null",
                "{\"text\":[\"a\"]}|no example|text must be text, got a list",
                "{\"text\":\"\"}|nothing to learn|text is empty",
                "{\"text\":\"\\ud800\"}|cannot be encoded|the text is no valid Unicode: half of a surrogate pair at character 0",
                "{\"prompt\":\"a\",\"completion\":{}}|no example|completion must be text, got an object",
                "{\"prompt\":[{\"role\":\"user\",\"content\":\"a\"}],\"completion\":\"b\"}|no example|completion must be a list of objects with role and content, got text",
                "{\"instruction\":1,\"output\":\"b\"}|no text (put numbers in quotes, or let them be read as text)|instruction must be text, got the number 1",
                "{\"instruction\":\"a\",\"input\":false,\"output\":\"b\"}|no example|input must be text, got false",
                "{\"messages\":{}}|no example|messages must be a list of objects with role and content, got an object",
                "{\"messages\":[]}|no example|messages must be a list of objects with role and content, got an empty list",
                "{\"messages\":[\"a\"]}|no example|messages[0] must be an object with role and content, got text",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\"}]}|no example|messages[1].content must be text, got nothing",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"tool_calls\":[1]}]}|no example|messages[0] has \"tool_calls\"; only role and content are supported",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}|nothing to learn|no message is the assistant's",
            })
    void refuses_a_row_and_says_why(String row, String kind, String reason) {
        assertThatThrownBy(() -> read("{\"text\":\"fine\"}\n\n" + row + "\n", options))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "1 row cannot be used; " + kind + ": " + folder.resolve("rows.jsonl") + " line 3: " + reason);
    }

    @Test
    void refuses_rows_that_need_what_the_checkpoint_lacks() {
        String rows = "{\"text\":\"a\"}\n{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n";
        String none =
                "the checkpoint has no tokenizer.json, which transformers writes with save_pretrained; without it only input_ids and labels can be read";
        Path file = folder.resolve("rows.jsonl");

        assertThatThrownBy(() -> read(rows, IDS))
                .hasMessage("2 rows cannot be used; cannot be encoded: " + file + " lines 1-2: " + none);
        assertThatThrownBy(() -> read(rows, EncodingOptions.of(99).withTokenizer(tokenizer)))
                .hasMessage("1 row cannot be used; cannot be encoded: " + file
                        + " line 2: the checkpoint has no chat template; use rows of prompt and completion");
    }

    @Test
    void names_the_rows_of_every_problem_in_one_message_up_to_twenty_each() throws IOException {
        StringBuilder rows = new StringBuilder();
        IntStream.rangeClosed(1, 25)
                .forEach(i -> rows.append("{\"text\":").append(i).append("}\nnope\n"));
        Path first = file("a.jsonl", rows.toString());
        Path second = file("b.jsonl", "{\"text\":\"\"}\n");

        assertThatThrownBy(() -> Dataset.read(List.of(first, second), options))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("51 rows cannot be used; unreadable: " + first + " lines 2, 4, ")
                .hasMessageContaining(
                        "unreadable: " + first
                                + " lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34,"
                                + " 36, 38 and 40: expected a value, found nope at column 1; and 5 more; no text (put numbers in quotes,")
                .hasMessageContaining("or let them be read as text): " + first
                        + " line 1: text must be text, got the number 1; " + first + " line 3: ")
                .hasMessageContaining(
                        first + " line 39: text must be text, got the number 20; and 5 more; nothing to learn: ")
                .hasMessageEndingWith("; nothing to learn: " + second + " line 1: text is empty")
                .hasMessageNotContaining(first + " line 41:")
                .hasMessageNotContaining("\n");
    }

    @Test
    void opens_a_checkpoints_tokenizer_only_for_rows_of_text() throws IOException {
        ToyCheckpoint.write(folder, "tokenizer.json", "damaged");
        try (ModelText text = ModelText.in(folder)) {
            EncodingOptions lazy = IDS.withText(text);
            assertThat(read("{\"input_ids\":[1,2],\"labels\":[1,2]}", lazy).rows())
                    .hasSize(1);
            assertThatThrownBy(() -> read("{\"input_ids\":[1,2],\"labels\":[1,2]}\n{\"text\":\"a\"}", lazy))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("tokenizer.json is no valid JSON: expected a value, found damaged");
        }
    }

    @Test
    void opens_a_checkpoints_tokenizer_and_chat_template_for_rows_that_need_them() throws IOException {
        String row =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yo\"}]}";
        try (ModelText text = ModelText.in(folder)) {
            assertThat(shown(row, options.withText(text))).isEqualTo("<s>u:Hi</s>\na:Yo</s>\n | .........Yo</s>.");
        }
    }

    @Test
    void checksTheNumbersOfOptions() {
        assertThatThrownBy(() -> EncodingOptions.of(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the vocabulary's size must be at least 1, got 0");
        assertThatThrownBy(() -> EncodingOptions.of(1).withMaxLength(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the greatest length must be at least 1, got 0");
    }
}
