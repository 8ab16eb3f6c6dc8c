package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Words that were split before, and pairs of texts, become the ids that transformers' tokenizers of every class give them. */
class WordsGoldenTest {

    private static final JsonNode[] GOLDEN = read();

    @TempDir
    private Path work;

    private static JsonNode[] read() {
        try (InputStream in = WordsGoldenTest.class.getResourceAsStream("/text/words.jsonl")) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
            return new JsonNode[] {ToyFolders.JSON.readTree(lines[0]), ToyFolders.JSON.readTree(lines[1])};
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static List<String> names() {
        return ToyFolders.allNames();
    }

    @ParameterizedTest
    @MethodSource("names")
    void words_and_pairs_are_encoded_as_transformers_does(String name) throws IOException {
        JsonNode expected = GOLDEN[1].get(name);
        SoftAssertions softly = new SoftAssertions();
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            for (int i = 0; i < GOLDEN[0].get("words").size(); i++) {
                List<String> words = texts(GOLDEN[0].get("words").get(i));
                Tokenizer.Words made = tokenizer.encodeWords(words);
                softly.assertThat(made.ids())
                        .as("ids of %s", words)
                        .isEqualTo(ints(expected.get("words").get(i).get(0)));
                softly.assertThat(made.words())
                        .as("words of %s", words)
                        .isEqualTo(ints(expected.get("words").get(i).get(1)));
            }
            for (int i = 0; i < GOLDEN[0].get("pairs").size(); i++) {
                List<String> texts = texts(GOLDEN[0].get("pairs").get(i));
                Tokenizer.Pair made = tokenizer.encodePair(texts.get(0), texts.get(1));
                softly.assertThat(made.ids())
                        .as("ids of %s", texts)
                        .isEqualTo(ints(expected.get("pairs").get(i).get(0)));
                softly.assertThat(made.types())
                        .as("types of %s", texts)
                        .isEqualTo(
                                expected.get("types").booleanValue()
                                        ? ints(expected.get("pairs").get(i).get(1))
                                        : new int[0]);
            }
        }
        softly.assertAll();
    }

    @ParameterizedTest
    @MethodSource("names")
    void texts_are_cut_as_transformers_does(String name) throws IOException {
        JsonNode expected = GOLDEN[1].get(name);
        SoftAssertions softly = new SoftAssertions();
        int at = 0;
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            for (JsonNode of : GOLDEN[0].get("cut")) {
                List<String> texts = texts(of);
                Tokenizer.Pair whole = tokenizer.encodePair(texts.get(0), texts.get(1));
                for (boolean fromStart : new boolean[] {false, true}) {
                    for (JsonNode most : GOLDEN[0].get("most")) {
                        Tokenizer.Pair cut = whole.truncated(most.intValue(), fromStart);
                        JsonNode made = expected.get("cut").get(at++);
                        softly.assertThat(cut.ids())
                                .as("ids of %s cut to %s, from the start: %s", texts, most, fromStart)
                                .isEqualTo(ints(made.get(0)));
                        softly.assertThat(cut.types())
                                .as("types of %s cut to %s", texts, most)
                                .isEqualTo(expected.get("types").booleanValue() ? ints(made.get(1)) : new int[0]);
                    }
                }
            }
        }
        softly.assertAll();
    }

    @Test
    void a_limit_without_room_for_a_text_is_refused() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, "BertTokenizer"))) {
            Tokenizer.Pair whole = tokenizer.encodePair("Hello", "world");

            assertThatThrownBy(() -> whole.truncated(3, false))
                    .hasMessage(
                            "texts are cut after 3 tokens, but the tokenizer puts 3 around each: the greatest length"
                                    + " must be larger");
        }
    }

    @Test
    void an_empty_second_text_is_none() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, "BertTokenizer"))) {
            assertThat(tokenizer.encodePair("Hello", "").ids()).isEqualTo(tokenizer.encode("Hello"));
        }
    }

    private static List<String> texts(JsonNode list) {
        return ToyFolders.JSON.convertValue(
                list, ToyFolders.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    }

    private static int[] ints(JsonNode array) {
        return ToyFolders.JSON.convertValue(array, int[].class);
    }
}
