package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.internal.TokenizerException;
import io.github.peft4j.models.text.internal.folder.AddedToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the golden cases cannot show: errors, missing files, sharing between threads, texts that are no texts. */
class TokenizerTest {

    @TempDir
    private Path folder;

    @Test
    void needs_nothing_but_tokenizer_json() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.words(folder, "?", "a", "b"))) {
            assertThat(tokenizer.encode("b a c b")).containsExactly(2, 1, 0, 2);
            assertThat(tokenizer.decode(new int[] {2, 1, 1}, true)).isEqualTo("b a a");
            assertThat(tokenizer.size()).isEqualTo(3);
            assertThat(tokenizer.specialTokens()).isEmpty();
            assertThat(tokenizer.addedTokens()).isEmpty();
            assertThat(tokenizer.beginId()).isEmpty();
            assertThat(tokenizer.id("a")).isEmpty();
        }
    }

    @Test
    void finds_ids_of_added_tokens() throws IOException {
        ToyFolders.words(folder, "?", "a", "b");
        ToyFolders.write(folder, "tokenizer_config.json", Map.of("eos_token", "b", "pad_token", "[PAD]"));

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.id("[PAD]")).isEqualTo(OptionalInt.of(3));
            assertThat(tokenizer.endId()).isEqualTo(OptionalInt.of(2));
            assertThat(tokenizer.encode("a [PAD]b")).containsExactly(1, 3, 2);
            assertThat(tokenizer.decode(new int[] {1, 3, 2}, true)).isEqualTo("a");
            assertThat(tokenizer.addedTokens().get(3)).isEqualTo(AddedToken.special("[PAD]"));
        }
    }

    @Test
    void ignores_ids_beyond_the_vocabulary_as_models_with_rounded_up_vocabularies_have_them() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.words(folder, "?", "a"))) {
            assertThat(tokenizer.decode(new int[] {1, 99, 1}, false)).isEqualTo("a a");
        }
    }

    @Test
    void refuses_negative_ids() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.words(folder, "?", "a"))) {
            assertThatThrownBy(() -> tokenizer.decode(new int[] {1, -100}, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token ids are not negative, got -100");
        }
    }

    @ParameterizedTest
    @CsvSource({"\ud83d, 0", "a\ud83d, 1", "a😀\udc00b, 3", "😀😀\ude00, 4"})
    void refuses_text_that_is_no_unicode(String text, int position) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.words(folder, "?", "a"))) {
            assertThatThrownBy(() -> tokenizer.encode(text))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessage("the text is no valid Unicode: half of a surrogate pair at character " + position);
        }
    }

    @Test
    void never_cuts_and_never_pads() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(folder, "limited"))) {
            assertThat(tokenizer.encode("a ".repeat(5000))).hasSizeGreaterThan(5000);
            assertThat(tokenizer.encode("a")).hasSize(1);
        }
    }

    @Test
    void encodes_in_several_threads_at_once() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(folder, "byte-level"))) {
            List<String> texts = IntStream.range(0, 500)
                    .mapToObj(i -> "text " + i + " né 😀".repeat(i % 7))
                    .toList();

            assertThat(texts.parallelStream()
                            .map(text -> tokenizer.decode(tokenizer.encode(text), false))
                            .toList())
                    .isEqualTo(texts);
        }
    }

    @Test
    void can_be_closed_twice_and_not_used_after() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(ToyFolders.words(folder, "?", "a"));
        tokenizer.close();
        tokenizer.close();

        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> tokenizer.encode("a"),
                () -> tokenizer.encodeAlone("a"),
                () -> tokenizer.encode("a", "b"),
                () -> tokenizer.tokens("a"),
                () -> tokenizer.decode(new int[] {1}, false),
                () -> tokenizer.stream(false).add(1))) {
            assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this tokenizer is closed: its memory is freed");
        }
    }

    @Test
    void can_be_closed_while_others_encode() throws IOException, InterruptedException {
        ToyFolders.words(folder, "?", "a");
        for (int round = 0; round < 50; round++) {
            Tokenizer tokenizer = Tokenizer.open(folder);
            List<Thread> threads = IntStream.range(0, 4)
                    .mapToObj(i -> new Thread(() -> useUntilClosed(tokenizer)))
                    .toList();
            threads.forEach(Thread::start);
            Thread.sleep(round % 5);
            tokenizer.close();
            for (Thread thread : threads) {
                thread.join(60_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    private static void useUntilClosed(Tokenizer tokenizer) {
        try {
            while (true) {
                tokenizer.decode(tokenizer.encode("a ".repeat(500)), false);
            }
        } catch (IllegalStateException e) {
            // It is closed.
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":{\"a\":0}}|WordPiece error: Missing [UNK] token from the vocabulary",
                "{\"type\":\"WordLevel\",\"unk_token\":\"x\",\"vocab\":{\"a\":0}}|WordLevel error: Missing [UNK] token from the vocabulary",
                "{\"type\":\"BPE\",\"unk_token\":\"zz\",\"vocab\":{\"a\":0},\"merges\":[]}|Unk token `zz` not found in the vocabulary",
                "{\"type\":\"Unigram\",\"vocab\":[[\"a\",0]]}|Encountered an unknown token but `unk_id` is missing",
            })
    void says_which_file_has_no_token_for_the_unknown(String model, String reason) throws IOException {
        ToyFolders.write(folder, "tokenizer.json", "{\"model\":" + model + "}");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("a")).containsExactly(0);
            assertThatThrownBy(() -> tokenizer.encode("b"))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessage(
                            "the tokenizer " + folder.resolve("tokenizer.json") + " cannot encode the text: " + reason);
        }
    }

    @Test
    void tells_the_tokens_of_a_text_one_by_one() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(folder, "llama2"))) {
            assertThat(tokenizer.tokens("a</s> \ud83d\ude00").stream().map(Tokenizer.Token::piece))
                    .containsExactly("<s>", "\u2581", "a", "</s>", "\u2581", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>");
            assertThat(tokenizer.tokens("a</s>"))
                    .containsExactly(
                            new Tokenizer.Token(1, "<s>", true, 0, 0),
                            new Tokenizer.Token(tokenizer.encode("a")[1], "\u2581", false, 0, 1),
                            new Tokenizer.Token(tokenizer.encode("a")[2], "a", false, 0, 1),
                            new Tokenizer.Token(2, "</s>", true, 1, 5));
        }
    }

    @Test
    void says_that_there_is_no_tokenizer() {
        assertThat(Tokenizer.isIn(folder)).isFalse();
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no tokenizer.json in " + folder
                        + ": expected a checkpoint folder as Hugging Face's save_pretrained"
                        + " writes it. Rows of token ids (input_ids, labels) need no tokenizer.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tokenizer.model", "spiece.model", "tekken.json", "tiktoken.model", "vocab.json", "vocab.txt"})
    void says_how_to_convert_another_kind_of_tokenizer(String file) throws IOException {
        Files.createFile(folder.resolve(file));

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no tokenizer.json in " + folder + ", only " + file
                        + ". Convert it once with Python: from transformers"
                        + " import AutoTokenizer; AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER). Rows of token"
                        + " ids (input_ids, labels) need no tokenizer.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{|FILE is no valid JSON: expected a key between quotation marks, found the end at line 1, column 2",
                "[]|FILE holds no JSON object",
                "{}|FILE holds no vocabulary: expected a file as Hugging Face's tokenizers library writes it, with model.vocab",
                "{\"model\":{\"vocab\":{\"a\":\"b\"}}}|FILE: model.vocab must map tokens to ids from 0 to 1073741824, \"a\" has another",
                "{\"model\":{\"vocab\":[[\"a\",1e999]]}}|FILE: model.vocab must list tokens with finite scores, number 0 is another",
                "{\"model\":{\"vocab\":{\"a\":0},\"vocab\":{\"b\":0}}}|FILE has the setting \"model.vocab\" twice",
                "{\"model\":{\"vocab\":{\"a\":0}},\"model\":{}}|FILE has the section \"model\" twice",
                "{\"version\":\"2.0\"}|FILE has the version \"2.0\", expected \"1.0\"",
                "{\"added_tokens\":[{}]}|FILE: each of added_tokens needs an id",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a\"]}}|FILE: model.merges must list pairs of tokens, number 0 is another",
                "{\"model\":{\"type\":\"Strange\",\"vocab\":{\"a\":0}}}|FILE is no tokenizer that this version can read: ",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"x y\"]}}|FILE is no tokenizer that this version can read: ",
            })
    void says_that_tokenizer_json_is_damaged(String content, String message) throws IOException {
        ToyFolders.write(folder, "tokenizer.json", content);

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        message.replace("FILE", folder.resolve("tokenizer.json").toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "tokenizer_config.json|[]|FILE holds no JSON object",
                "tokenizer_config.json|{\"a\":}|FILE is no valid JSON: expected a value, found } at line 1, column 6",
                "tokenizer_config.json|{\"tokenizer_class\":1}|FILE: tokenizer_class must be text, got the number 1",
                "tokenizer_config.json|{\"split_special_tokens\":true}|FILE: split_special_tokens is not supported. Remove it, or set it to false",
                "tokenizer_config.json|{\"added_tokens_decoder\":{\"x\":{\"content\":\"a\"}}}|FILE: added_tokens_decoder must map ids to objects, got \"x\": {\"content\": \"a\"}",
                "tokenizer_config.json|{\"added_tokens_decoder\":{\"1\":\"a\"}}|FILE: added_tokens_decoder must map ids to objects, got \"1\": \"a\"",
                "special_tokens_map.json|x|FILE is no valid JSON: ",
                "added_tokens.json|x|FILE is no valid JSON: ",
                "config.json|x|FILE is no valid JSON: ",
                "config.json|{\"model_type\":[]}|FILE: model_type must be text, got a list",
            })
    void says_that_a_file_beside_it_is_damaged(String file, String content, String message) throws IOException {
        ToyFolders.words(folder, "?", "a");
        ToyFolders.write(folder, file, content);

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        message.replace("FILE", folder.resolve(file).toString()));
    }

    @Test
    void refuses_files_that_are_not_utf8() throws IOException {
        ToyFolders.words(folder, "?", "a");
        Files.write(
                folder.resolve("tokenizer_config.json"), "{\"eos_token\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("tokenizer_config.json")
                        + " is no valid JSON: the text is not valid UTF-8 at line 1, column 15");
    }

    @Test
    void refuses_files_that_are_far_too_large() throws IOException {
        ToyFolders.words(folder, "?", "a");
        Path file = folder.resolve("special_tokens_map.json");
        try (var channel = Files.newByteChannel(
                file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
            channel.position(16L << 20).write(java.nio.ByteBuffer.wrap(new byte[] {'}'}));
        }

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + " has 16777217 bytes, expected at most 16777216");
    }
}
