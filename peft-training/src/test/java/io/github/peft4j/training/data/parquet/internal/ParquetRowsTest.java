package io.github.peft4j.training.data.parquet.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.columnar.internal.ColumnarFiles;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What DuckDB may open, and what becomes of files that are not as they should be. */
final class ParquetRowsTest {

    @TempDir
    private Path folder;

    private Path copied(String name) throws IOException {
        return Files.copy(ColumnarFiles.path("groups.parquet"), folder.resolve(name));
    }

    @Test
    void aNameWithQuotesIsAName() throws IOException {
        Path file = copied("it's; 'x' --.parquet");
        assertThat(ColumnarFiles.values(RowSource.of(file))).hasSize(24);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x[1].parquet", "x*.parquet", "x?.parquet"})
    void aNameThatWouldBeAPatternIsRefused(String name) throws IOException {
        Path file = copied(name);
        assertThatThrownBy(() -> RowSource.of(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("rename it");
    }

    @Test
    void noOtherFileCanBeOpened() throws IOException, SQLException {
        Path other = copied("other.parquet");
        try (Connection database = DuckDb.toRead(copied("rows.parquet"));
                PreparedStatement statement = database.prepareStatement("SELECT * FROM read_parquet(?)")) {
            statement.setString(1, DuckDb.path(other));
            assertThatThrownBy(statement::executeQuery).hasMessageContaining("Permission Error");
            assertThatThrownBy(() -> DuckDb.run(database, "SET enable_external_access = true"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void whatIsNoParquetFileIsRefusedByOneLine() throws IOException {
        RowSource source = RowSource.of(Files.writeString(folder.resolve("rows.parquet"), "{\"text\": \"a\"}\n"));
        assertThatThrownBy(() -> ColumnarFiles.rows(source))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("rows.parquet as Parquet: ")
                .hasMessageNotContaining("\n");
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aChangedFileIsReadOrRefused(int seed) throws IOException {
        byte[] bytes = Files.readAllBytes(ColumnarFiles.path("groups.parquet"));
        Random random = new Random(seed);
        byte[] change = new byte[1 << random.nextInt(4)];
        random.nextBytes(change);
        System.arraycopy(change, 0, bytes, random.nextInt(bytes.length - change.length), change.length);
        byte[] content = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
        RowSource source = RowSource.of(Files.write(folder.resolve("rows.parquet"), content));
        try {
            assertThat(ColumnarFiles.rows(source)).hasSizeLessThan(content.length);
        } catch (DataException e) {
            assertThat(e).hasMessageContaining("rows.parquet as Parquet: ");
        }
    }
}
