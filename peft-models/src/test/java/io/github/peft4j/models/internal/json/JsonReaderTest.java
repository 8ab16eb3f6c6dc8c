package io.github.peft4j.models.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class JsonReaderTest {

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(1 << 20);

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Object parse(String text) throws JsonException {
        return JsonTree.parse(utf8(text), LIMITS);
    }

    private static void skip(String text) throws IOException {
        JsonReader reader = JsonReader.of(utf8(text), LIMITS);
        reader.skip();
        reader.end();
    }

    /** A stream that gives one byte at a time, so that every place in the text is once the end of what is there. */
    private static InputStream slow(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };
    }

    static Stream<Arguments> texts() throws IOException {
        ObjectMapper other = new ObjectMapper();
        Stream.Builder<Arguments> texts = Stream.builder();
        for (String line : JsonFixtures.lines("reader.jsonl")) {
            JsonNode both = other.readTree(line);
            texts.add(Arguments.of(both.get(0).textValue(), both.get(1).textValue()));
        }
        return texts.build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void aTextIsReadAndRefusedAsInPython(String text, String expected) throws IOException {
        if (expected == null) {
            assertThatThrownBy(() -> parse(text))
                    .isInstanceOf(JsonException.class)
                    .hasMessageMatching("(?s)[^\\p{Cntrl}]+ at line \\d+, column \\d+");
            assertThatThrownBy(() -> skip(text)).isInstanceOf(JsonException.class);
        } else {
            assertThat(JsonWriter.PYTHON.write(parse(text))).isEqualTo(expected);
            JsonReader reader = JsonReader.of(slow(utf8(text)), LIMITS);
            assertThat(JsonWriter.PYTHON.write(JsonTree.next(reader))).isEqualTo(expected);
            reader.end();
            skip(text);
        }
    }

    @Test
    void textsBeyondAsciiAreReadInOnePieceOrByCharactersAlike() throws IOException {
        byte[] text = utf8("[\"\u0120t\", \"\ufffd\", \"\ud83d\ude00 a\", \"\u00e9\\\\\"]");
        List<Object> expected = List.of("\u0120t", "\ufffd", "\ud83d\ude00 a", "\u00e9\\");
        assertThat(JsonTree.parse(text, LIMITS)).isEqualTo(expected);
        assertThat(JsonTree.next(JsonReader.of(slow(text), LIMITS))).isEqualTo(expected);
    }

    @Test
    void aPlaceBehindTextsBeyondAsciiCountsCharacters() {
        assertThatThrownBy(() -> parse("[\"\u0120\u0120\ud83d\ude00\", x]")).hasMessageEndingWith("line 1, column 9");
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedWhereTheyStand() {
        byte[] text = utf8("[\"\u0120ab\"]");
        text[4] = (byte) 0xff;
        assertThatThrownBy(() -> JsonTree.parse(text, LIMITS))
                .hasMessage("the text is not valid UTF-8 at line 1, column 4");
        assertThatThrownBy(() -> JsonReader.of(text, LIMITS).skip())
                .hasMessage("the text is not valid UTF-8 at line 1, column 4");
    }

    @Test
    void aValueIsReadFromTheMiddleOfAText() throws IOException {
        JsonReader reader = JsonReader.at(utf8("{\"a\": [1, 23]}"), 6, LIMITS);
        assertThat(JsonTree.next(reader)).isEqualTo(List.of(1, 23));
    }

    @Test
    void everyKindOfValueIsPlainJava() throws IOException {
        Object read =
                parse("{\"b\": [1, 2.5, \"\\u00e4\", null], \"a\": {\"c\": true, \"d\": false}, \"n\": 12345678901,"
                        + " \"big\": 123456789012345678901234567890, \"e\": 1e-05, \"i\": -Infinity}");
        assertThat(read)
                .isEqualTo(Map.of(
                        "b",
                        Arrays.asList(1, 2.5, "ä", null),
                        "a",
                        Map.of("c", true, "d", false),
                        "n",
                        12345678901L,
                        "big",
                        new BigInteger("123456789012345678901234567890"),
                        "e",
                        1e-5,
                        "i",
                        Double.NEGATIVE_INFINITY));
        assertThat(((Map<?, ?>) read).keySet()).map(Object::toString).containsExactly("b", "a", "n", "big", "e", "i");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                | expected a value, found the end at line 1, column 1",
                "{                 | expected a key between quotation marks, found the end at line 1, column 2",
                "{'a': 1}          | expected a key between quotation marks, found ' at line 1, column 2",
                "{a: 1}            | expected a key between quotation marks, found a at line 1, column 2",
                "{\"a\" 1}         | expected : after a key, found 1 at line 1, column 6",
                "{\"a\": 1,}       | expected a key between quotation marks, found } at line 1, column 9",
                "[1,]              | expected a value, found ] at line 1, column 4",
                "[1 2]             | expected , or ], found 2 at line 1, column 4",
                "{\"a\": 1 \"b\"}  | expected , or }, found \" at line 1, column 9",
                "[1, 2}            | expected , or ], found } at line 1, column 6",
                "{} {}             | expected nothing after the value, found { at line 1, column 4",
                "{} x              | expected nothing after the value, found x at line 1, column 4",
                "[None]            | expected a value, found None at line 1, column 2",
                "[True]            | expected a value, found True at line 1, column 2",
                "[nul]             | expected a value, found nul at line 1, column 2",
                "[-NaN]            | expected a value, found -NaN at line 1, column 2",
                "[undefined]       | expected a value, found undefined at line 1, column 2",
                "[01]              | a number begins with 0 at line 1, column 2",
                "[1.]              | expected a digit, found ] at line 1, column 4",
                "[-]               | expected a digit, found ] at line 1, column 3",
                "[1e]              | expected a digit, found ] at line 1, column 4",
                "[\"a              | the end comes within a text: its closing quotation mark is missing at line 1, column 4",
                "[\"\\x\"]         | expected one of \" \\ / b f n r t u after \\, found x at line 1, column 4",
                "[\"\\u12\"]       | expected four hexadecimal digits after \\u, found \" at line 1, column 7",
                "[\"äé\", ü]       | expected a value, found ü at line 1, column 8",
                "[\u00a0]          | expected a value, found \u00a0 at line 1, column 2",
                "[\u200b]          | expected a value, found U+200B at line 1, column 2",
                "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] | expected a value, found aaaaaaaaaaaaaaaaaaaaaaaa... at line 1, column 2",
            })
    void whatIsWrongIsSaidWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> parse(text == null ? "" : text))
                .isInstanceOf(JsonException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"'\n', 2", "'\r', 2", "'\r\n', 2", "'\r\n\r\n', 3", "'\n\r', 3", "'\n\n', 3", "' ', 1"})
    void linesEndWithNewlineOrReturnOrBoth(String end, long line) {
        assertThatThrownBy(() -> parse("[1," + end + "x]")).isInstanceOfSatisfying(JsonException.class, e -> {
            assertThat(e.line()).isEqualTo(line);
            assertThat(e.column()).isEqualTo(line == 1 ? 5 : 1);
            assertThat(e.problem()).isEqualTo("expected a value, found x");
        });
    }

    @Test
    void aControlCharacterInATextIsNamedAsJsonWritesIt() {
        assertThatThrownBy(() -> parse("[\"a\nb\"]"))
                .hasMessage("a text holds U+000A as it is; JSON writes it \\n at line 1, column 4");
        assertThatThrownBy(() -> parse("[\"a\u0001b\"]"))
                .hasMessage("a text holds U+0001 as it is; JSON writes it \\u0001 at line 1, column 4");
    }

    static Stream<byte[]> bytesThatAreNoText() {
        return Stream.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0x80},
                new byte[] {(byte) 0xc0, (byte) 0x80},
                new byte[] {(byte) 0xc3},
                new byte[] {(byte) 0xe0, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xf0, (byte) 0x80, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xe4, (byte) 0xb8},
                new byte[] {(byte) 0xef, (byte) 0xbb});
    }

    @ParameterizedTest
    @MethodSource("bytesThatAreNoText")
    void bytesThatAreNotUtf8AreRefused(byte[] bytes) {
        byte[] quoted = new byte[bytes.length + 2];
        System.arraycopy(bytes, 0, quoted, 1, bytes.length);
        quoted[0] = '"';
        quoted[bytes.length + 1] = '"';
        assertThatThrownBy(() -> JsonTree.parse(quoted, LIMITS))
                .hasMessage("the text is not valid UTF-8 at line 1, column 2");
        assertThatThrownBy(() -> JsonTree.parse(bytes, LIMITS))
                .hasMessage("the text is not valid UTF-8 at line 1, column 1");
    }

    @Test
    void aByteOrderMarkIsSkipped() throws IOException {
        assertThat(parse("\ufeff[1]")).isEqualTo(List.of(1));
        assertThatThrownBy(() -> parse("\ufeffx")).hasMessageEndingWith("line 1, column 1");
        assertThatThrownBy(() -> parse("[\ufeff]")).hasMessage("expected a value, found U+FEFF at line 1, column 2");
    }

    @Test
    void ofAKeyThatStandsTwiceTheLastValueCountsAtTheFirstPlace() throws IOException {
        Map<?, ?> read = (Map<?, ?>) parse("{\"a\": 1, \"b\": 2, \"a\": 3}");
        assertThat(JsonWriter.PYTHON.write(read)).isEqualTo("{\"a\": 3, \"b\": 2}");
    }

    @Test
    void nestingIsBounded() throws IOException {
        JsonLimits limits = new JsonLimits(1 << 20, 3, 100);
        assertThat(JsonTree.parse(utf8("[[[1]]]"), limits)).isEqualTo(List.of(List.of(List.of(1))));
        String message = "lists and objects stand more than 3 deep inside each other at line 1, column ";
        assertThatThrownBy(() -> JsonTree.parse(utf8("[[[[1]]]]"), limits)).hasMessage(message + 4);
        assertThatThrownBy(() -> JsonTree.parse(utf8("[[{\"a\": {}}]]"), limits))
                .hasMessage(message + 9);
        assertThatThrownBy(() -> JsonReader.of(utf8("[[[[1]]]]"), limits).skip())
                .hasMessage(message + 4);
    }

    @Test
    void theUsualDepthFitsAThreadsStack() throws InterruptedException {
        StringBuilder deep = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            deep.append("[{\"a\":");
        }
        String text = deep + "1" + "}]".repeat(500);
        String[] written = new String[1];
        Thread small = new Thread(
                null,
                () -> {
                    try {
                        written[0] = JsonWriter.FILE.write(parse(text)).replaceAll("\\s", "");
                    } catch (JsonException e) {
                        written[0] = e.getMessage();
                    }
                },
                "small",
                768 << 10); // a thread has 1 MiB
        small.start();
        small.join();
        assertThat(written[0]).isEqualTo(text);
    }

    @Test
    void theLengthOfAValueIsBoundedButNotThatOfAStream() throws IOException {
        JsonLimits limits = JsonLimits.ofBytes(10);
        assertThatThrownBy(() -> JsonTree.parse(utf8("[" + "1, ".repeat(10) + "1]"), limits))
                .hasMessageStartingWith("a value is longer than 10 bytes at");
        assertThatThrownBy(() -> JsonTree.parse(utf8("\"" + "x".repeat(11) + "\""), limits))
                .hasMessageStartingWith("a text is longer than 10 bytes at");
        assertThatThrownBy(() -> JsonTree.parse(utf8("\"" + "ä".repeat(6) + "\""), limits))
                .hasMessageStartingWith("a text is longer than 10 bytes at");
        assertThatThrownBy(() -> JsonTree.parse(utf8("1." + "0".repeat(11)), limits))
                .hasMessageStartingWith("a number is longer than 10 bytes at");
        JsonReader stream = JsonReader.of(slow(utf8("[" + "[1, 2], ".repeat(99) + "[1, 2]]")), limits);
        stream.beginList();
        int count = 0;
        while (stream.nextItem()) {
            assertThat(JsonTree.next(stream)).isEqualTo(List.of(1, 2));
            count++;
        }
        assertThat(count).isEqualTo(100);
    }

    @Test
    void thePartsOfAValueAreBounded() throws IOException {
        JsonLimits limits = LIMITS.withParts(4);
        String message = "a value holds more than 4 keys, texts, lists and objects at line 1, column ";
        assertThat(JsonTree.parse(utf8("[1, 2, 3, 4, 5, null, true, [], {\"a\": 1}]"), limits))
                .isNotNull();
        assertThatThrownBy(() -> JsonTree.parse(utf8("[[], [], [], []]"), limits))
                .hasMessageStartingWith(message);
        assertThatThrownBy(() -> JsonTree.parse(utf8("[\"\", \"\", \"\", \"\"]"), limits))
                .hasMessageStartingWith(message);
        assertThatThrownBy(() -> JsonTree.parse(utf8("{\"a\": {}, \"b\": {}}"), limits))
                .hasMessageStartingWith(message);
    }

    @Test
    void aWholeNumberHasAsManyDigitsAsPythonAllows() throws IOException {
        assertThat(parse("9".repeat(4300))).isEqualTo(new BigInteger("9".repeat(4300)));
        assertThatThrownBy(() -> parse("[" + "9".repeat(4301) + "]"))
                .hasMessage("a whole number has more than 4300 digits at line 1, column 2");
        assertThat(parse("0." + "0".repeat(5000) + "1")).isEqualTo(0.0);
    }

    @Test
    void aReaderSaysWhatItFoundInsteadOfWhatWasAskedFor() throws IOException {
        assertThatThrownBy(() -> JsonReader.of(utf8(" 3"), LIMITS).text())
                .hasMessage("expected text, found a number at line 1, column 2");
        assertThatThrownBy(() -> JsonReader.of(utf8("[]"), LIMITS).beginObject())
                .hasMessage("expected an object, found a list at line 1, column 1");
        assertThatThrownBy(() -> JsonReader.of(utf8("\"x\""), LIMITS).expect(JsonKind.NUMBER, "the shape"))
                .hasMessage("the shape: expected a number, found text at line 1, column 1");
        assertThatThrownBy(() -> JsonTree.nextObject(JsonReader.of(utf8("[1]"), LIMITS)))
                .hasMessage("expected an object, found a list at line 1, column 1");
        assertThatThrownBy(() -> JsonTree.nextObject(JsonReader.of(utf8(" "), LIMITS)))
                .hasMessage("expected an object, found the end at line 1, column 2");
    }

    @Test
    void aValueMayBeTakenFromTheTextAsItStands() throws IOException {
        String text = "{\"a\": 1, \"b\": [1,  2] , \"c\": \"x\"}";
        JsonReader reader = JsonReader.of(utf8(text), LIMITS);
        reader.beginObject();
        reader.nextKey();
        reader.skip();
        reader.nextKey();
        reader.peek();
        int start = (int) reader.offset();
        reader.skip();
        assertThat(text.substring(start, (int) reader.offset())).isEqualTo("[1,  2]");
        assertThat(reader.nextKey()).isEqualTo("c");
        assertThat(reader.text()).isEqualTo("x");
        assertThat(reader.nextKey()).isNull();
        reader.end();
    }
}
