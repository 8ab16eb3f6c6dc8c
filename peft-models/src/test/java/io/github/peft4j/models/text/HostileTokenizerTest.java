package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.internal.TokenizerException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files on which the native library would end the process, or never come back. */
class HostileTokenizerTest {

    @TempDir
    private Path folder;

    private void write(String changes) throws IOException {
        ObjectNode json = (ObjectNode) ToyFolders.JSON.readTree("""
                {"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,
                "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"##b":3},"merges":["a b"]}}
                """);
        json.setAll((ObjectNode) ToyFolders.JSON.readTree(changes));
        ToyFolders.write(folder, "tokenizer.json", json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '@',
            value = {
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}}~post_processor.single[0].SpecialToken: names the special token \"<s>\", which special_tokens lacks",
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}}~post_processor.single[0].Sequence: expected [A] once each, found \"B\"",
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[],\"pair\":[],\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[1,2],\"tokens\":[\"x\"]}}}}~post_processor.special_tokens.x: has 2 ids for 1 tokens",
                "{\"normalizer\":{\"type\":\"Precompiled\"}}~normalizer.precompiled_charsmap: expected text, found nothing",
                "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}}~normalizer: precompiled_charsmap is no table: it has 3 bytes",
                "{\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\"}}~normalizer: prepend is empty",
                "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a*\"},\"content\":\"b\"}}~normalizer.pattern: the expression \"a*\" can match nothing",
                "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a+)+b\"},\"content\":\"b\"}}~normalizer.pattern: the expression \"(a+)+b\" has repetitions in each other",
                "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\"b\"},\"content\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}}~normalizer and pre_tokenizer: can make 3200 bytes of one, expected at most 1024",
                "{\"pre_tokenizer\":{\"type\":\"FixedLength\",\"length\":0}}~pre_tokenizer.length: expected a whole number from 1 to 1048576, found the number 0",
                "{\"pre_tokenizer\":{\"type\":\"Foo\"}}~pre_tokenizer: the type \"Foo\" is not one of BertPreTokenizer, ByteLevel, CharDelimiterSplit, Metaspace, Whitespace, Sequence, Split, Punctuation, WhitespaceSplit, Digits, UnicodeScripts, FixedLength",
                "{\"decoder\":{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":1}}~decoder.stop: expected a whole number from 0 to 0, found the number 1",
                "{\"decoder\":{\"type\":\"BPEDecoder\",\"suffix\":\"\\ud800\"}}~decoder.suffix: holds half of a surrogate pair",
                "{\"model\":{\"type\":\"BPE\",\"continuing_subword_prefix\":\"##\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}~model.merges[0]: continuing_subword_prefix is longer than \"b\"",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[[\"a\",\"b\"]]}}~model.merges[0]: \"ab\" is not in the vocabulary",
                "{\"model\":{\"type\":\"BPE\",\"dropout\":0.9999999,\"vocab\":{\"a\":0},\"merges\":[]}}~model: dropout must be a number from 0 to 0.99, or 1",
                "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"a\",\"continuing_subword_prefix\":\"\",\"max_input_chars_per_word\":1000000,\"vocab\":{\"a\":0}}}~model.max_input_chars_per_word: expected a whole number from 0 to 1000, found the number 1000000",
                "{\"model\":{\"type\":\"Unigram\",\"unk_id\":7,\"vocab\":[[\"a\",0.0]]}}~model.unk_id: expected a whole number from 0 to 0, found the number 7",
                "{\"added_tokens\":[{\"id\":1,\"content\":\"\\u0301\",\"normalized\":true}],\"normalizer\":{\"type\":\"StripAccents\"}}~the added token \"\u0301\": is looked for after normalization, which may leave nothing of it",
                "{\"added_tokens\":[{\"id\":1,\"content\":\"\u0130\",\"lstrip\":true,\"normalized\":true},{\"id\":2,\"content\":\"x\",\"rstrip\":true}],\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"[^a-z]\"},\"content\":\"\\n\"}}~added_tokens: one is blank, or may be once it is normalized, and takes",
                "{\"added_tokens\":[{\"id\":1,\"content\":\" \",\"lstrip\":true},{\"id\":2,\"content\":\"x\",\"rstrip\":true}]}~added_tokens: one is blank, or may be once it is normalized, and takes blanks before it along (lstrip), which another (rstrip) can have taken already",
            })
    void is_refused_with_place_and_reason(String changes, String fault) throws IOException {
        write(changes);

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        folder.resolve("tokenizer.json") + " is no tokenizer that this version can read: ")
                .hasMessageContaining(fault)
                .hasMessageEndingWith(". Write it again with transformers' save_pretrained");
    }

    @Test
    void all_faults_are_told_at_once() throws IOException {
        write(
                "{\"normalizer\":{\"type\":\"Strip\"},\"decoder\":{\"type\":\"CTC\",\"pad_token\":1,\"word_delimiter_token\":\"|\",\"cleanup\":true}}");

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessageContaining("normalizer.strip_left: expected true or false, found nothing; "
                        + "normalizer.strip_right: expected true or false, found nothing; "
                        + "decoder.pad_token: expected text, found the number");
    }

    @Test
    void long_tokens_are_refused() throws IOException {
        write("{\"added_tokens\":[{\"id\":1,\"content\":\"" + "x".repeat(513) + "\"}]}");
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessageContaining("xx\": expected at most 512 bytes, found 513");

        write("{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",0],[\"" + "a".repeat(513) + "\",-1]]}}");
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessageContaining("model.vocab: expected tokens of at most 512 characters, found one of 513");
    }

    @Test
    void a_template_behind_one_that_leaves_three_pieces_is_refused() throws IOException {
        String x = "{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}";
        String a = "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}";
        String b = "{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}";
        String template = "{\"type\":\"TemplateProcessing\",\"single\":[" + x + "," + a + "],\"pair\":[" + x + "," + a
                + "," + b + "],\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[0],\"tokens\":[\"x\"]}}}";
        write("{\"post_processor\":{\"type\":\"Sequence\",\"processors\":[" + template + "," + template + "]}}");
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("post_processor.processors[1]: the template before it does not leave it one piece"
                        + " or two: expected one template");
    }

    @Test
    void templates_put_only_so_much_around_a_text() throws IOException {
        String ids = "[" + "1,".repeat(63) + "1]";
        String tokens = "[" + "\"x\",".repeat(63) + "\"x\"]";
        String piece = ",{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}";
        write(
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}"
                        + piece.repeat(5) + "],\"pair\":[],\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":" + ids
                        + ",\"tokens\":" + tokens + "}}}}");

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessageContaining("post_processor: more than 256 tokens are put around a text");
    }

    @Test
    void what_the_file_says_besides_is_left_out() throws IOException {
        write("{\"decoder\":{\"type\":\"Fuse\",\"note\":[\"\\ud800\"]},\"padding\":{\"strategy\":7},\"note\":{}}");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("abba")).containsExactly(2, 1, 0);
            assertThat(tokenizer.decode(new int[] {2, 1, 0}, false)).isEqualTo("abba");
        }
    }

    @Test
    void texts_are_as_long_as_their_time_is_bounded() throws IOException {
        write(
                "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a*x\"},\"behavior\":\"Isolated\",\"invert\":false}}");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("a".repeat(32_768))).hasSize(32_768);
            assertThatThrownBy(() -> tokenizer.encode("a".repeat(32_769)))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessage("the text has 32769 characters; with what " + folder.resolve("tokenizer.json")
                            + " asks to be done to texts, one may have at most 32768. Divide it into several");
        }
    }
}
