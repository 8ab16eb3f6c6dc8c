package io.github.peft4j.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.text.internal.TextStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For every folder of the fixture the tokenizer says what transformers' AutoTokenizer says. */
class TokenizerGoldenTest {

    @TempDir
    private Path work;

    static List<String> names() {
        return ToyFolders.allNames();
    }

    @ParameterizedTest
    @MethodSource("names")
    void encodes_and_decodes_as_transformers_does(String name) throws IOException {
        JsonNode expected = ToyFolders.expected(name);
        SoftAssertions softly = new SoftAssertions();
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            for (int i = 0; i < ToyFolders.texts(name).size(); i++) {
                String text = ToyFolders.texts(name).get(i);
                JsonNode wanted = expected.get("cases").get(i);
                int[] ids = ints(wanted.get("ids"));
                softly.assertThat(tokenizer.encode(text))
                        .as("ids of '%s'", text)
                        .isEqualTo(ids);
                softly.assertThat(tokenizer.encodeAlone(text))
                        .as("ids alone of '%s'", text)
                        .isEqualTo(wanted.has("alone") ? ints(wanted.get("alone")) : ids);
                softly.assertThat(tokenizer.decode(ids, false))
                        .as("decoded '%s'", text)
                        .isEqualTo(wanted.has("decoded") ? wanted.get("decoded").textValue() : text);
                softly.assertThat(tokenizer.decode(ids, true))
                        .as("decoded without special tokens '%s'", text)
                        .isEqualTo(wanted.has("skipped") ? wanted.get("skipped").textValue() : text);
            }
        }
        softly.assertAll();
    }

    @ParameterizedTest
    @MethodSource("names")
    void knows_the_same_special_tokens(String name) throws IOException {
        JsonNode expected = ToyFolders.expected(name);
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            Map<String, String> special = new LinkedHashMap<>();
            expected.get("special")
                    .properties()
                    .forEach(e -> special.put(e.getKey(), e.getValue().textValue()));
            Map<Integer, List<Object>> added = new LinkedHashMap<>();
            expected.get("added")
                    .properties()
                    .forEach(e -> added.put(
                            Integer.valueOf(e.getKey()),
                            List.of(
                                    e.getValue().get(0).textValue(),
                                    e.getValue().get(1).booleanValue())));
            Map<Integer, List<Object>> found = new LinkedHashMap<>();
            tokenizer.addedTokens().forEach((id, token) -> found.put(id, List.of(token.content(), token.special())));

            assertThat(tokenizer.specialTokens()).containsExactlyInAnyOrderEntriesOf(special);
            assertThat(found).containsExactlyInAnyOrderEntriesOf(added);
            assertThat(tokenizer.size()).isEqualTo(expected.get("size").intValue());
            assertThat(List.of(tokenizer.beginId(), tokenizer.endId(), tokenizer.paddingId(), tokenizer.unknownId()))
                    .containsExactly(id(expected, 0), id(expected, 1), id(expected, 2), id(expected, 3));
            tokenizer
                    .addedTokens()
                    .forEach((id, token) ->
                            assertThat(tokenizer.encodeAlone(token.content())).contains(id));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void streams_the_text_of_all_tokens(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(ToyFolders.write(work, name))) {
            SoftAssertions softly = new SoftAssertions();
            for (String text : ToyFolders.texts(name)) {
                for (boolean skip : List.of(false, true)) {
                    int[] ids = tokenizer.encode(text);
                    TextStream stream = tokenizer.stream(skip);
                    StringBuilder pieces = new StringBuilder();
                    for (int id : ids) {
                        String piece = stream.add(id);
                        softly.assertThat(piece).as("piece of '%s'", text).doesNotEndWith("\ufffd".repeat(2));
                        pieces.append(piece);
                    }
                    pieces.append(stream.finish());
                    softly.assertThat(pieces.toString()).as(text).isEqualTo(tokenizer.decodeAsIs(ids, skip));
                }
            }
            softly.assertAll();
        }
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    private static OptionalInt id(JsonNode expected, int index) {
        JsonNode id = expected.get("ids").get(index);
        return id.isNull() ? OptionalInt.empty() : OptionalInt.of(id.intValue());
    }
}
