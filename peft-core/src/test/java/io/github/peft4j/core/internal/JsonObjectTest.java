package io.github.peft4j.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonObjectTest {

    @TempDir
    private Path folder;

    @Test
    void everyKindOfValueIsRead() throws IOException {
        Map<String, Object> read = JsonObject.parse(
                "{\"b\": [1, 2.5, \"\\u00e4\", null], \"a\": {\"c\": true, \"d\": false}, \"n\": 12345678901,"
                        + " \"big\": 123456789012345678901234567890, \"e\": 1e-05}",
                "x");
        assertThat(read.keySet()).containsExactly("b", "a", "n", "big", "e");
        assertThat(read)
                .containsEntry("b", Arrays.asList(1, 2.5, "ä", null))
                .containsEntry("a", Map.of("c", true, "d", false))
                .containsEntry("n", 12345678901L)
                .containsEntry("big", new BigInteger("123456789012345678901234567890"))
                .containsEntry("e", 1e-5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[1] | x: expected a JSON object, found START_ARRAY",
                "'' | x: expected a JSON object, found nothing",
                "3 | x: expected a JSON object, found VALUE_NUMBER_INT",
                "{\"a\": 1, \"a\": 2} | x: the key \"a\" stands twice",
                "{\"a\": {\"b\": 1, \"b\": 1}} | x: the key \"b\" stands twice",
                "{} {} | x: expected nothing after the object, found START_OBJECT",
                "{\"a\": 1e999} | x: the number 1e999 is too large",
                "{\"a\": -1e999} | x: the number -1e999 is too large",
            })
    void whatIsNoPlainObjectIsRefused(String text, String message) {
        assertThatThrownBy(() -> JsonObject.parse(text, "x"))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": NaN}",
                "{\"a\": Infinity}",
                "{\"a\": -Infinity}",
                "{\"a\" 1}",
                "{\"a\": 'x'}",
                "{\"a\": 1,}",
                "{\"a\": [1, 2}",
                "{\"a\": 01}",
                "{\"a\":",
                "{a: 1}",
                "{\"a\": \"\\x\"}",
                "{} x",
            })
    void whatIsNoJsonIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> JsonObject.parse(text, "x"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("x is no valid JSON: ")
                .hasMessageMatching(".* at line 1, column \\d+");
    }

    @Test
    void whatIsNotANumberIsSaidSo() {
        assertThatThrownBy(() -> JsonObject.parse("{\"a\": NaN}", "x"))
                .hasMessage("x is no valid JSON: JSON has no number NaN at line 1, column 10");
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "{\"a\": " + "[".repeat(200) + "]".repeat(200) + "}";
        assertThatThrownBy(() -> JsonObject.parse(deep, "x"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("nesting depth (65) exceeds the maximum allowed (64");
    }

    @Test
    void aNumberOfThousandsOfDigitsIsRefused() {
        assertThatThrownBy(() -> JsonObject.parse("{\"a\": " + "9".repeat(5000) + "}", "x"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("Number value length (5000) exceeds the maximum allowed (400");
    }

    @Test
    void aHugeFileIsRefusedUnread() throws IOException {
        Path file = folder.resolve("adapter_config.json");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(20L << 20);
        }
        assertThatThrownBy(() -> JsonObject.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + " has 20971520 bytes, expected at most 16777216: this is no config");
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws IOException {
        Path file = Files.write(folder.resolve("x.json"), new byte[] {'{', (byte) 0xff, '}'});
        assertThatThrownBy(() -> JsonObject.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + " is not valid UTF-8");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        Path file = folder.resolve("none.json");
        assertThatThrownBy(() -> JsonObject.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("cannot read " + file);
    }

    @Test
    void listsMayHoldObjects() throws IOException {
        assertThat(JsonObject.parse("{\"a\": [{\"b\": []}]}", "x"))
                .isEqualTo(Map.of("a", List.of(Map.of("b", List.of()))));
    }
}
