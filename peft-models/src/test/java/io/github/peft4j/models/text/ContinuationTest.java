package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.text.internal.folder.ContinuedText;
import io.github.peft4j.models.text.internal.folder.EncodedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A continuation follows the ids that the beginning has alone, and both read as the texts do together. */
class ContinuationTest {

    @TempDir
    private Path work;

    static List<String> names() {
        return ToyFolders.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void follows_the_ids_of_the_beginning_alone(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            SoftAssertions softly = new SoftAssertions();
            for (String start : List.of("Hello world", "Hello: ", "a\n\n", "", "<s>x</s>", " né😀")) {
                for (String next : List.of("the fox", " the fox", "\nthe", "", "é", "</s>", "  x")) {
                    if (name.equals("word-piece") && next.equals("é")) {
                        continue; // The letter belongs to the word before: "worlde" has other pieces than "world".
                    }
                    ContinuedText both = tokenizer.encode(start, next);
                    EncodedText alone = tokenizer.encodeWithPlaces(start, true);
                    int[] expected = Arrays.copyOf(alone.ids(), alone.ids().length - alone.addedAtEnd());
                    softly.assertThat(Arrays.copyOf(both.tokenIds(), both.startTokens()))
                            .as("'%s' before '%s'", start, next)
                            .isEqualTo(expected);
                    softly.assertThat(tokenizer.decodeAsIs(both.tokenIds(), false))
                            .as("'%s' and '%s'", start, next)
                            .isEqualTo(tokenizer.decodeAsIs(tokenizer.encode(start + next), false));
                }
            }
            softly.assertAll();
        }
    }

    @Test
    void gives_a_token_that_cannot_be_cut_to_the_continuation() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, "word-piece"))) {
            ContinuedText both = tokenizer.encode("Hello world", "é");

            assertThat(both.tokenIds()).isEqualTo(tokenizer.encode("Hello worldé"));
            assertThat(tokenizer.decode(Arrays.copyOf(both.tokenIds(), both.startTokens()), true))
                    .isEqualTo("hello worl");
        }
    }

    @Test
    void ends_a_token_where_the_beginning_ends() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, "byte-level"))) {
            ContinuedText both = tokenizer.encode("a: ", "the");

            assertThat(both.tokenIds()).isNotEqualTo(tokenizer.encode("a: the"));
            assertThat(both.startTokens()).isEqualTo(tokenizer.encode("a: ").length);
        }
    }

    @Test
    void keeps_what_the_tokenizer_puts_after_a_text_at_the_very_end() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, "bos-and-eos"))) {
            ContinuedText both = tokenizer.encode("the", " fox");

            assertThat(both.tokenIds()).isEqualTo(tokenizer.encode("the fox"));
            assertThat(both.tokenIds()).endsWith(1).startsWith(0);
            assertThat(both.startTokens()).isEqualTo(tokenizer.encode("the").length - 1);
        }
    }
}
