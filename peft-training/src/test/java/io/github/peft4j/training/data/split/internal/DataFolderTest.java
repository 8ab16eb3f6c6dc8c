package io.github.peft4j.training.data.split.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.columnar.internal.ColumnarFiles;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.data.internal.SplitChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that {@code datasets} wrote, and those that are published, by split. */
final class DataFolderTest {

    @TempDir
    private Path scratch;

    private static List<Map<String, @Nullable Object>> rows(Path path, @Nullable String split) throws IOException {
        return rows(path, SplitChoice.toTrain(split, null));
    }

    private static List<Map<String, @Nullable Object>> rows(Path path, SplitChoice choice) throws IOException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (RowSource source : RowSources.of(List.of(path), RowSources.Options.DEFAULT.withSplit(choice))) {
            try (RowSource.Cursor cursor = source.open(null)) {
                for (RowSource.Item item = cursor.next(); item != null; item = cursor.next()) {
                    rows.add(item.fields());
                }
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource({
        "dataset, , dataset.jsonl",
        "shuffled, , shuffled.jsonl",
        "dict, , dict-train.jsonl",
        "dict, test, dict-test.jsonl",
        "dict/validation, , dict-validation.jsonl",
        "hub, , dict-train.jsonl",
        "hub, test, dict-test.jsonl",
        "cache, train, cache-train.jsonl",
        "cache/someone___rows/default/0.0.0/0123456789abcdef, , cache-train.jsonl",
        "dataset.jsonl, , dataset.jsonl",
        "dataset.jsonl, train, dataset.jsonl"
    })
    void aFolderHasTheRowsOfItsSplits(String name, @Nullable String split, String lines) throws IOException {
        assertThat(rows(ColumnarFiles.path(name), split)).isEqualTo(ColumnarFiles.lines(lines));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataset", "hub", "dict", "dataset.jsonl"})
    void aSliceGoesAcrossFiles(String name) throws IOException {
        List<Map<String, @Nullable Object>> all = ColumnarFiles.lines("dataset.jsonl");
        assertThat(rows(ColumnarFiles.path(name), "train[3:7]")).isEqualTo(all.subList(3, 7));
        assertThat(rows(ColumnarFiles.path(name), "train[-20%:]")).isEqualTo(all.subList(8, 10));
        List<Map<String, @Nullable Object>> both = new ArrayList<>(all.subList(0, 1));
        both.addAll(all.subList(5, 10));
        assertThat(rows(ColumnarFiles.path(name), "train[:1]+train[50%:]")).isEqualTo(both);
    }

    @Test
    void aSliceIsGoneOnFromAnyPlace() throws IOException {
        for (String name : List.of("dataset.jsonl", "dict")) {
            RowSource slice = RowSources.of(
                            List.of(ColumnarFiles.path(name)),
                            RowSources.Options.DEFAULT.withSplit(SplitChoice.toTrain("train[2:6]", null)))
                    .get(0);
            List<RowSource.Position> places = new ArrayList<>();
            try (RowSource.Cursor cursor = slice.open(null)) {
                do {
                    places.add(cursor.position());
                } while (cursor.next() != null);
            }
            for (int i = 0; i < 4; i++) {
                try (RowSource.Cursor cursor = slice.open(places.get(i))) {
                    assertThat(cursor.next().fields()).containsEntry("text", "row " + (i + 2));
                }
            }
            assertThat(slice.open(places.get(4)).next()).isNull();
        }
    }

    @Test
    void evaluationTakesTheValidationSplitOrElseTheTest() throws IOException {
        SplitChoice choice = SplitChoice.toEvaluate(null, null);
        assertThat(rows(ColumnarFiles.path("dict"), choice)).isEqualTo(ColumnarFiles.lines("dict-validation.jsonl"));
        assertThat(rows(ColumnarFiles.path("hub"), choice)).isEqualTo(ColumnarFiles.lines("dict-test.jsonl"));
        assertThat(rows(ColumnarFiles.path("dataset"), choice)).isEqualTo(ColumnarFiles.lines("dataset.jsonl"));
    }

    @ParameterizedTest
    @CsvSource({
        "dict, dev, 'has no split dev, but train, validation, test'",
        "dataset.jsonl, test, 'has no split test, but train'",
        "dict, train[, is no split",
        "dict, train[5:5], has no rows in train[5:5]"
    })
    void aSplitThatIsNotThereIsNamedWithThoseThatAre(String name, String split, String message) {
        assertThatThrownBy(() -> rows(ColumnarFiles.path(name), split)).hasMessageContaining(message);
    }

    private Path file(String name, String content) throws IOException {
        Path file = scratch.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    @Test
    void ofSeveralSplitsOneIsToBeNamed() throws IOException {
        file("data/en-00000-of-00001.jsonl", "{}");
        file("data/de-00000-of-00001.jsonl", "{}");
        assertThatThrownBy(() -> rows(scratch, (String) null))
                .hasMessageContaining("has the splits de, en: say which is meant");
    }

    @Test
    void ofSeveralSubsetsOneIsToBeNamed() throws IOException {
        file("a/train.jsonl", "{\"text\": \"a\"}");
        file("b/train.jsonl", "{\"text\": \"b\"}");
        file(
                "README.md",
                "---\nconfigs:\n- config_name: a\n  data_files: a/*\n- config_name: b\n  data_files: b/*\n---\n");
        assertThatThrownBy(() -> rows(scratch, (String) null))
                .hasMessageContaining("has the subsets a, b: say which is meant");
        assertThat(rows(scratch, SplitChoice.toTrain(null, "b"))).isEqualTo(List.of(Map.of("text", "b")));
        assertThatThrownBy(() -> rows(scratch, SplitChoice.toTrain(null, "c")))
                .hasMessageContaining("has no subset c, but a, b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.arrow", "/etc/hostname", "", "."})
    void aFileOutsideOfTheFolderIsRefused(String name) throws IOException {
        file("state.json", "{\"_data_files\": [{\"filename\": \"" + name + "\"}], \"_split\": null}");
        assertThatThrownBy(() -> rows(scratch, (String) null))
                .hasMessageContaining("names a file outside of it: " + name);
    }

    @Test
    void aLinkOutOfTheFolderIsRefused() throws IOException {
        Path outside = file("outside/secret.jsonl", "{\"text\": \"a\"}");
        Files.createDirectories(scratch.resolve("inside"));
        Files.createSymbolicLink(scratch.resolve("inside/train.jsonl"), outside);
        assertThatThrownBy(() -> rows(scratch.resolve("inside"), (String) null))
                .hasMessageContaining("leads out of its folder");
    }

    @Test
    void aSnapshotOfTheHubsCacheLinksToItsBlobs() throws IOException {
        Path blob = file("datasets--a--b/blobs/0123", "{\"text\": \"a\"}");
        Path snapshot = Files.createDirectories(scratch.resolve("datasets--a--b/snapshots/4567"));
        Files.createSymbolicLink(snapshot.resolve("train.jsonl"), snapshot.relativize(blob));
        assertThat(rows(snapshot, (String) null)).isEqualTo(List.of(Map.of("text", "a")));
    }

    @Test
    void aChoiceOfRowsInAFileOfItsOwnIsRefused() throws IOException {
        file("state.json", "{\"_data_files\": [], \"_indices_data_files\": [{\"filename\": \"indices.arrow\"}]}");
        assertThatThrownBy(() -> rows(scratch, (String) null))
                .hasMessageContaining("save the data set again with a newer version of datasets");
    }

    @Test
    void whatIsNoDataSetIsRefused() throws IOException {
        file("notes.txt", "x");
        assertThatThrownBy(() -> rows(scratch, (String) null)).hasMessageContaining("is no data set");
    }

    @Test
    void aHeadOfACardThatCannotBeReadIsRefused() throws IOException {
        file("train.jsonl", "{\"text\": \"a\"}");
        file("README.md", "---\nconfigs: \n- {config_name: a}\n---\n");
        assertThatThrownBy(() -> rows(scratch, (String) null)).hasMessageContaining("name the data files themselves");
    }
}
