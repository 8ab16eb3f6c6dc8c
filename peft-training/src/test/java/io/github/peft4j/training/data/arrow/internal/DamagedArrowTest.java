package io.github.peft4j.training.data.arrow.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.columnar.internal.ColumnarFiles;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Arrow files that are not as the format asks are refused, whatever is wrong with them. */
final class DamagedArrowTest {

    /** Where schema and first batch of the small files end. */
    private static final int HEADERS = 8000;

    @TempDir
    private Path folder;

    private RowSource file(byte[] content) throws IOException {
        return RowSource.of(Files.write(folder.resolve("rows.arrow"), content));
    }

    private static byte[] good(String name) throws IOException {
        return Files.readAllBytes(ColumnarFiles.path(name));
    }

    @Test
    void aRowThatTakesMoreThanItMayIsNamedAndTheNextOneRead() throws IOException {
        List<Item> rows = ColumnarFiles.rows(RowSource.of(ColumnarFiles.path("nothings.arrow")));
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).problem()).contains("longer than 33554432 bytes");
        assertThat(rows.get(1).fields()).containsEntry("text", "b").containsEntry("ids", List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "0, it does not begin with a schema",
        "5, it ends in the middle of a message",
        "600, expected a message's header at byte 8",
        "13000, 'the file was cut, or not written to its end'"
    })
    void aFileThatWasCutIsRefused(int length, String what) throws IOException {
        RowSource source = file(Arrays.copyOf(good("stream.arrow"), length));
        assertThatThrownBy(() -> ColumnarFiles.rows(source))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("rows.arrow as Arrow: ")
                .hasMessageContaining(what);
    }

    @Test
    void whatIsNoArrowFileIsRefused() throws IOException {
        RowSource source = file("{\"text\": \"a\"}\n".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> ColumnarFiles.rows(source)).hasMessageContaining("is it an Arrow file?");
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aChangedFileIsReadOrRefused(int seed) throws IOException {
        List<String> names = List.of("batches.arrow", "unread.arrow", "lz4.feather", "zstd.arrow", "delta.arrow");
        byte[] bytes = good(names.get(seed % names.size()));
        Random random = new Random(seed);
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(bytes.length, HEADERS) : bytes.length);
            int length = Math.min(bytes.length - at, 1 << random.nextInt(4));
            byte[] change = new byte[length];
            if (random.nextBoolean()) {
                random.nextBytes(change);
            } else {
                Arrays.fill(change, (byte) (random.nextInt(3) - 1));
            }
            System.arraycopy(change, 0, bytes, at, length);
        }
        RowSource source = file(bytes);
        try {
            assertThat(ColumnarFiles.rows(source)).hasSizeLessThan(bytes.length * 8);
        } catch (DataException e) {
            assertThat(e).hasMessageContaining("rows.arrow as Arrow: ");
        }
    }
}
