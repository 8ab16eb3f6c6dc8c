package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokenizers to which tokens are added. */
class AddedTokensTest {

    private static final JsonNode[] GOLDEN = golden();

    @TempDir
    private Path work;

    private static JsonNode[] golden() {
        try (InputStream in = AddedTokensTest.class.getResourceAsStream("/text/added_tokens.jsonl")) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
            return new JsonNode[] {ToyFolders.JSON.readTree(lines[0]), ToyFolders.JSON.readTree(lines[1])};
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Folders of the kinds that are published most, and an eighth of those of all classes, of which the fixture has every one. */
    static List<String> names() {
        List<String> names = new ArrayList<>(ToyFolders.names());
        List<String> all = ToyFolders.allNames();
        for (int i = names.size(); i < all.size(); i += 8) {
            names.add(all.get(i));
        }
        return names;
    }

    private static List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        GOLDEN[0].get(key).forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
    }

    @ParameterizedTest
    @MethodSource("names")
    void encodesAsTransformersDoesOnceTokensAreAdded(String name) throws IOException {
        JsonNode expected = GOLDEN[1].get(name);
        Path source = ToyFolders.write(work, name);
        Path target = work.resolve("target");
        Map<String, Integer> plain;
        try {
            plain = Tokenizer.addTokens(source, work.resolve("between"), texts("plain"), false);
        } catch (IllegalArgumentException e) {
            // Where the normalizer hides them transformers does not find them either.
            assertThat(e).hasMessageContaining("is not found in texts");
            assertThat(ints(expected.get("ids").get(1)))
                    .isNotEmpty()
                    .matches(ids -> Arrays.stream(ints(expected.get("added")))
                            .anyMatch(id -> Arrays.stream(ids).noneMatch(other -> other == id)));
            assertThat(work.resolve("between")).doesNotExist();
            return;
        }
        Map<String, Integer> special = Tokenizer.addTokens(work.resolve("between"), target, texts("special"), true);
        assertThat(Stream.of(plain, special)
                        .flatMap(ids -> ids.values().stream())
                        .mapToInt(id -> id)
                        .toArray())
                .isEqualTo(ints(expected.get("added")));
        try (Tokenizer tokenizer = Tokenizer.open(target)) {
            assertThat(tokenizer.size()).isEqualTo(expected.get("size").intValue());
            List<String> texts = texts("texts");
            for (int i = 0; i < texts.size(); i++) {
                assertThat(tokenizer.encode(texts.get(i)))
                        .as("ids of '%s'", texts.get(i))
                        .isEqualTo(ints(expected.get("ids").get(i)));
            }
        }
    }

    @Test
    void whatIsThereKeepsItsIdAndEveryOtherByteStays() throws IOException {
        Path source = ToyFolders.words(Files.createDirectories(work.resolve("source")), "?", "hello", "world");
        Path more = work.resolve("more");
        assertThat(Tokenizer.addTokens(source, more, List.of("<a>", "world", "<b>"), false))
                .containsExactly(Map.entry("<a>", 3), Map.entry("world", 2), Map.entry("<b>", 4));
        String before = Files.readString(source.resolve("tokenizer.json"));
        String after = Files.readString(more.resolve("tokenizer.json"));
        int list = before.indexOf("\"added_tokens\":[") + "\"added_tokens\":[".length();
        assertThat(after).startsWith(before.substring(0, list)).endsWith(before.substring(list));
        assertThat(Tokenizer.addTokens(more, more, List.of("<b>"), false)).containsEntry("<b>", 4);
        assertThat(Files.readString(more.resolve("tokenizer.json"))).isEqualTo(after);
        try (Tokenizer tokenizer = Tokenizer.open(more)) {
            assertThat(tokenizer.encodeAlone("hello <b> world")).containsExactly(1, 4, 2);
            assertThat(tokenizer.decode(new int[] {1, 4}, true)).contains("<b>");
        }
        Path special = work.resolve("special");
        Tokenizer.addTokens(source, special, List.of("<s>"), true);
        try (Tokenizer tokenizer = Tokenizer.open(special)) {
            assertThat(tokenizer.decode(new int[] {1, 3}, true)).doesNotContain("<s>");
        }
        assertThat(Files.readString(special.resolve("tokenizer_config.json"))).isEqualTo("""
                {
                  "tokenizer_class": "PreTrainedTokenizerFast",
                  "additional_special_tokens": [
                    "<s>"
                  ]
                }
                """);
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of(List.of(), "from 1 to 65536 tokens can be added at once, got 0"),
                Arguments.of(
                        IntStream.range(0, 1_000_000)
                                .mapToObj(i -> "<t" + i + ">")
                                .toList(),
                        "from 1 to 65536 tokens can be added at once, got 1000000"),
                Arguments.of(
                        List.of("", "<a>", "<a>", "x\u0000y", "\uD83D", "é".repeat(300)),
                        "tokens to add: a token is empty; \"<a>\" is named twice; \"x\\u0000y\" holds NUL or half of a"
                                + " surrogate pair; \"\\ud83d\" holds NUL or half of a surrogate pair; "
                                + Printable.excerpt("é".repeat(300)) + " has more than 512 bytes"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void tokensThatCannotBeAreRefusedTogether(List<String> tokens, String message) throws IOException {
        Path source = ToyFolders.words(Files.createDirectories(work.resolve("source")), "?", "hello");
        assertThatThrownBy(() -> Tokenizer.addTokens(source, work.resolve("more"), tokens, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(work.resolve("more")).doesNotExist();
    }

    @Test
    void twoTokensThatAreOneToTheNormalizerAreRefused() throws IOException {
        Path source = ToyFolders.words(Files.createDirectories(work.resolve("source")), "?", "hello");
        String json = Files.readString(source.resolve("tokenizer.json"));
        Files.writeString(
                source.resolve("tokenizer.json"),
                json.replaceFirst("\\{", "{\"normalizer\": {\"type\": \"Lowercase\"}, "));
        assertThat(Tokenizer.addTokens(source, work.resolve("one"), List.of("<Tool>"), false))
                .containsEntry("<Tool>", 2);
        assertThatThrownBy(() -> Tokenizer.addTokens(source, work.resolve("two"), List.of("<Tool>", "<tool>"), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not found in texts");
        assertThat(Tokenizer.addTokens(source, work.resolve("two"), List.of("<Tool>", "<tool>"), true))
                .hasSize(2);
    }

    @Test
    void aFolderWithoutATokenizerSaysWhatIsExpected() {
        assertThatThrownBy(() -> Tokenizer.addTokens(work, work.resolve("more"), List.of("<a>"), false))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no tokenizer.json in " + work);
    }
}
