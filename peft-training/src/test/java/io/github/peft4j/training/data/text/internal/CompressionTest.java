package io.github.peft4j.training.data.text.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of rows that are compressed, and the same rows in every format. */
final class CompressionTest {

    private static final List<String> PARTS = List.of(
            "a", "\u00e9", "\ud83d\ude00", "\"", ",", "\t", "\n", "\r\n", " ", "42", "[1]", "\\", "\u0000", ";");

    @TempDir
    private Path folder;

    private static byte[] packed(String ending, byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = switch (ending) {
            case ".gz" -> new GZIPOutputStream(bytes);
            case ".zst" -> new ZstdOutputStream(bytes).setChecksum(true);
            default -> bytes;
        }) {
            out.write(text);
        }
        return bytes.toByteArray();
    }

    private RowSource source(String name, byte[] content) throws IOException {
        return RowSource.of(Files.write(folder.resolve(name), content));
    }

    private static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars()
                .forEach(c ->
                        json.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", c) : (char) c + ""));
        return json.append('"').toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void equalRowsAreEqualInEveryFormatAndCompression(int seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder lines = new StringBuilder();
        StringBuilder csv = new StringBuilder("one,two\n");
        StringBuilder tsv = new StringBuilder("one\ttwo\r\n");
        int rows = 1 + random.nextInt(30);
        for (int i = 0; i < rows; i++) {
            String one = text(random);
            String two = text(random);
            lines.append(i == 0 ? "" : ",\n").append("{\"one\":" + json(one) + ",\"two\":" + json(two) + "}");
            csv.append(quoted(one) + "," + quoted(two) + "\n");
            tsv.append(quoted(one) + "\t" + quoted(two) + "\r\n");
        }
        Map<String, String> texts = Map.of(
                ".json", "[" + lines + "]",
                ".jsonl", lines.toString().replace(",\n", "\n"),
                ".csv", csv.toString(),
                ".tsv", tsv.toString());
        List<Map<String, @Nullable Object>> first =
                fields(source("first.json", texts.get(".json").getBytes(StandardCharsets.UTF_8)));
        assertThat(first).hasSize(rows);
        for (Map.Entry<String, String> text : texts.entrySet()) {
            for (String ending : List.of("", ".gz", ".zst")) {
                byte[] bytes = packed(ending, text.getValue().getBytes(StandardCharsets.UTF_8));
                assertThat(fields(source("rows" + text.getKey() + ending, bytes)))
                        .as(text.getKey() + ending)
                        .isEqualTo(first);
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }

    private static List<Map<String, @Nullable Object>> fields(RowSource source) throws IOException {
        return TextRowsTest.all(source).stream()
                .peek(item -> assertThat(item.problem()).isNull())
                .<Map<String, @Nullable Object>>map(item -> new LinkedHashMap<>(item.fields()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {".gz", ".zst"})
    void partsBehindEachOtherAreOneText(String ending) throws IOException {
        byte[] one = packed(ending, "{\"a\":1}\n".getBytes(StandardCharsets.UTF_8));
        byte[] both = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, both, one.length, one.length);
        assertThat(fields(source("rows.jsonl" + ending, both))).containsExactly(Map.of("a", 1), Map.of("a", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {".gz", ".zst"})
    void whatIsCutOrDamagedOrFollowedBySomethingElseIsAnError(String ending) throws IOException {
        byte[] good = packed(ending, "{\"a\":1}\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
        byte[] damaged = good.clone();
        damaged[good.length / 2] ^= 64;
        byte[] more = Arrays.copyOf(good, good.length + 5);
        more[good.length + 2] = 7;
        for (byte[] bad : List.of(
                Arrays.copyOf(good, good.length - 5), damaged, more, "{\"a\":1}\n".getBytes(StandardCharsets.UTF_8))) {
            assertThatThrownBy(() -> TextRowsTest.all(source("rows.jsonl" + ending, bad)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void zerosBehindGzipAreNothing() throws IOException {
        byte[] good = packed(".gz", "{\"a\":1}\n".getBytes(StandardCharsets.UTF_8));
        assertThat(fields(source("rows.jsonl.gz", Arrays.copyOf(good, good.length + 512))))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {".gz", ".zst"})
    void aSmallFileThatIsAHugeLineIsRefusedOnTheWay(String ending) throws IOException {
        byte[] bomb = packed(ending, new byte[40 << 20]);
        assertThat(bomb.length).isLessThan(100_000);
        RowSource source = source("rows.jsonl" + ending, bomb);
        try (Cursor cursor = source.open(null)) {
            assertThatThrownBy(cursor::next).hasMessageContaining("line 1 is longer than 33554432 bytes");
        }
    }

    @Test
    void itemsOfTextSayThatTheyAreText() throws IOException {
        Item item = TextRowsTest.all(source("rows.csv", "a\n42\n".getBytes(StandardCharsets.UTF_8)))
                .get(0);
        assertThat(item.plain()).isTrue();
    }
}
