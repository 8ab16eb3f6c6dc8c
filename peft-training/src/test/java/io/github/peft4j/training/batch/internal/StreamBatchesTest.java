package io.github.peft4j.training.batch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamBatchesTest {

    private static final EncodingOptions IDS = EncodingOptions.of(100_000);
    private static final TrainingConfig CONFIG =
            TrainingConfig.builder().steps(10).batchSize(4).build();

    private static StreamBatches stream(TrainingConfig config, int window, RowSource... sources) throws IOException {
        return new StreamBatches(Dataset.stream(List.of(sources), IDS).withWindow(window), config);
    }

    /** The first ids of the rows of a micro-batch, which tell them. */
    private static List<Integer> ids(BatchSource source, long epoch, long index) throws IOException {
        return source.batch(epoch, index).rows().rows().stream()
                .map(row -> row.tokenIds()[0])
                .toList();
    }

    private static List<Integer> rows(StreamBatches stream, int count) throws IOException {
        List<Integer> all = new ArrayList<>();
        for (long i = 0; all.size() < count; i++) {
            all.addAll(ids(stream, 0, i));
        }
        return all;
    }

    static List<TrainingConfig> configs() {
        return List.of(
                CONFIG,
                CONFIG.toBuilder().shuffle(false).build(),
                CONFIG.toBuilder().batchTokens(9).build(),
                CONFIG.toBuilder().groupByLength(true).accumulation(2).build());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void whatFitsIntoAWindowIsTakenInTheOrderOfMemory(TrainingConfig config) throws IOException {
        ListedRows source = ListedRows.of("rows", 1000, 301);
        RowBatches memory = new RowBatches(Dataset.from(List.of(source), IDS).rows(), config);
        try (StreamBatches stream = stream(config, 500, source)) {
            long index = 0;
            for (long epoch = 0; epoch < 3; epoch++) {
                for (long i = 0; i < memory.batches(epoch); i++) {
                    assertThat(ids(stream, 0, index++)).isEqualTo(ids(memory, epoch, i));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void anyMicroBatchCanBeHadFromAMarkWithoutThoseBefore(TrainingConfig config) throws IOException {
        RowSource[] sources = {ListedRows.of("a", 1000, 150), ListedRows.of("b", 3000, 83)};
        try (StreamBatches whole = stream(config, 40, sources)) {
            for (long i = 0; i < 250; i += i < 130 ? 1 : 7) {
                List<Integer> expected = ids(whole, 0, i);
                // As it comes back from a file.
                byte[] json = JsonWriter.LINE.write(whole.mark(i)).getBytes(StandardCharsets.UTF_8);
                try (StreamBatches other = stream(config, 40, sources)) {
                    other.recall(JsonValues.object(JsonTree.parse(json, JsonLimits.ofBytes(1 << 20))));
                    assertThat(ids(other, 0, i)).as("batch %d", i).isEqualTo(expected);
                }
            }
            List<Integer> first = ids(whole, 0, 0);
            List<Integer> last = ids(whole, 0, 249);
            assertThat(last).isNotEqualTo(first);
            assertThat(ids(whole, 0, 0)).isEqualTo(first);
            assertThat(ids(whole, 0, 249)).isEqualTo(last);
        }
    }

    @Test
    void everyPassHasEveryRowOnceInAnotherOrder() throws IOException {
        try (StreamBatches stream = stream(CONFIG, 40, ListedRows.of("rows", 0, 233))) {
            List<Integer> rows = rows(stream, 466);
            assertThat(rows.subList(0, 233))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 233).boxed().toList())
                    .isNotEqualTo(IntStream.range(0, 233).boxed().toList());
            assertThat(rows.subList(233, 466))
                    .containsExactlyInAnyOrderElementsOf(rows.subList(0, 233))
                    .isNotEqualTo(rows.subList(0, 233));
        }
    }

    @Test
    void windowsOfTheUsualSizeGrowFromASixteenthAndAreGoneOnWith() throws IOException {
        TrainingConfig config = CONFIG.toBuilder().batchSize(5).build();
        RowSource source = ListedRows.of("rows", 0, 30_000);
        try (StreamBatches whole = stream(config, 0, source)) {
            assertThat(rows(whole, 30_000)).doesNotHaveDuplicates();
            // Windows of 625, 1250, 2500, 5000, 10,000 and 10,000 rows, and of those that the pass has left.
            long[] starts = {0, 125, 375, 875, 1875, 3875, 5875, 6000};
            for (int window = 0; window < starts.length - 1; window++) {
                assertThat(whole.mark(starts[window])).containsEntry("window", (long) window);
                long last = starts[window + 1] - 1;
                assertThat(whole.mark(last)).isEqualTo(whole.mark(starts[window]));
                try (StreamBatches other = stream(config, 0, source)) {
                    other.recall(whole.mark(last));
                    assertThat(ids(other, 0, last)).isEqualTo(ids(whole, 0, last));
                }
            }
        }
    }

    @Test
    void windowsOfTheUsualSizeAreFullWithAMillionTokensTheFirstWithASixteenth() {
        assertThat(WindowSize.of(0).at(0)).isEqualTo(new WindowSize(625, 65_536, 0));
        assertThat(WindowSize.of(0).at(3)).isEqualTo(new WindowSize(5000, 524_288, 0));
        assertThat(WindowSize.of(0).at(4)).isEqualTo(new WindowSize(10_000, 1_048_576, 0));
        assertThat(WindowSize.of(0).at(1L << 40)).isEqualTo(WindowSize.of(0).at(4));
        assertThat(WindowSize.of(7).at(0)).isEqualTo(new WindowSize(7, 0, 0));
    }

    @Test
    void rowsAreNamedByFileAndLine() throws IOException {
        try (StreamBatches stream = stream(
                CONFIG.toBuilder().shuffle(false).build(), 8, ListedRows.of("a", 0, 2), ListedRows.of("b", 5, 3))) {
            assertThat(stream.batch(0, 0)).hasToString("a lines [1, 2]; b lines [1, 2]");
        }
    }

    @Test
    void rowsThatCannotBeUsedEndTheRunWhenItComesToThem(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lines.add("{\"input_ids\": [" + i + ", 1], \"labels\": [" + i + ", 1]}");
        }
        lines.set(62, "{\"input_ids\": [1");
        lines.set(70, "{\"texts\": 1}");
        Files.write(file, lines);
        try (StreamBatches stream = stream(CONFIG, 40, RowSource.of(file))) {
            for (int i = 0; i < 10; i++) {
                stream.batch(0, i);
            }
            assertThatThrownBy(() -> stream.batch(0, 10))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("2 rows cannot be used")
                    .hasMessageContaining(file + " line 63")
                    .hasMessageContaining(file + " line 71");
        }
        lines.set(0, "{");
        Files.write(file, lines);
        assertThatThrownBy(() -> stream(CONFIG, 40, RowSource.of(file)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(file + " line 1");
    }

    @Test
    void aPassWithoutAnyRowIsRefused() {
        assertThatThrownBy(() -> stream(CONFIG, 40, new ListedRows("nothing", List.of())))
                .isInstanceOf(DataException.class)
                .hasMessage("no rows in nothing");
        assertThatThrownBy(() -> new StreamBatches(
                        Dataset.stream(List.of(ListedRows.of("rows", 0, 9)), IDS.withMaxLength(1)), CONFIG))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "all 9 rows are longer than 1 tokens; the longest has 6. Allow a greater length, or let them be cut");
    }

    @Test
    void aWindowIsCheckedBeforeItsRowsAreUsed() throws IOException {
        List<Integer> sizes = new ArrayList<>();
        try (StreamBatches stream = stream(CONFIG, 40, ListedRows.of("rows", 0, 100))) {
            stream.check(rows -> {
                sizes.add(rows.size());
                if (sizes.size() == 3) {
                    throw new IllegalArgumentException("too many");
                }
            });
            rows(stream, 80);
            assertThat(sizes).containsExactly(40, 40);
            assertThatThrownBy(() -> stream.batch(0, 20))
                    .isInstanceOf(DataException.class)
                    .hasMessage("too many");
        }
    }

    @Test
    void otherDataAndOtherWindowsHaveAnotherFingerprint() throws IOException {
        List<String> prints = new ArrayList<>();
        for (int window : new int[] {40, 41}) {
            for (int rows : new int[] {50, 51}) {
                try (StreamBatches stream = stream(CONFIG, window, ListedRows.of("rows", 0, rows));
                        StreamBatches again = stream(CONFIG, window, ListedRows.of("rows", 0, rows))) {
                    prints.add(stream.fingerprint());
                    assertThat(again.fingerprint()).isEqualTo(stream.fingerprint());
                }
            }
        }
        assertThat(prints).doesNotHaveDuplicates();
    }

    @Test
    void marksThatCannotBeAreRefused() throws IOException {
        try (StreamBatches stream = stream(CONFIG, 40, ListedRows.of("rows", 0, 50))) {
            Map<String, Object> good = stream.mark(0);
            for (String key : good.keySet()) {
                Map<String, Object> bad = new java.util.LinkedHashMap<>(good);
                bad.put(key, key.equals("sources") ? List.of() : -1);
                assertThatThrownBy(() -> stream.recall(bad)).isInstanceOf(IllegalArgumentException.class);
            }
            stream.recall(good);
        }
    }

    @Test
    void sourcesAreDrawnFromByTheirWeights() throws IOException {
        Dataset.Streamed mixed = Dataset.stream(
                        List.of(ListedRows.of("a", 0, 3000), ListedRows.of("b", 10_000, 3000)), IDS)
                .withWindow(100)
                .mixed(List.of(3.0, 1.0), false);
        try (StreamBatches stream = new StreamBatches(mixed, CONFIG)) {
            // 2000 draws with a standard deviation of 19.
            assertThat(rows(stream, 2000).stream().filter(id -> id < 10_000).count())
                    .isBetween(1400L, 1600L);
        }
    }

    @Test
    void aPassOverAMixEndsWithTheFirstSourceThatDoesOrWithTheLast() throws IOException {
        List<RowSource> sources = List.of(ListedRows.of("a", 0, 30), ListedRows.of("b", 1000, 5));
        TrainingConfig inOrder = CONFIG.toBuilder().shuffle(false).batchSize(1).build();
        for (boolean all : new boolean[] {false, true}) {
            Dataset.Streamed mixed = Dataset.stream(sources, IDS).withWindow(7).mixed(List.of(1.0, 1.0), all);
            List<Integer> pass = new ArrayList<>();
            try (StreamBatches stream = new StreamBatches(mixed, inOrder)) {
                for (long i = 0; ; i++) {
                    if (stream.mark(i).get("pass").equals(1L)) {
                        break;
                    }
                    pass.addAll(ids(stream, 0, i));
                }
            }
            List<Integer> ofA = pass.stream().filter(id -> id < 1000).toList();
            List<Integer> ofB = pass.stream().filter(id -> id >= 1000).toList();
            if (all) {
                assertThat(ofA).isEqualTo(IntStream.range(0, 30).boxed().toList());
                assertThat(ofB.size()).isGreaterThan(10);
                assertThat(pass.get(pass.size() - 1)).isEqualTo(29);
            } else {
                assertThat(ofB).containsExactly(1000, 1001, 1002, 1003, 1004);
                assertThat(pass.get(pass.size() - 1)).isEqualTo(1004);
                assertThat(ofA).isEqualTo(IntStream.range(0, ofA.size()).boxed().toList());
            }
        }
    }

    private static final RowSource OF_B = ListedRows.of("b", 1000, 31);
    private static final List<RowSource> IN_PARTS =
            List.of(ListedRows.of("a1", 0, 41), ListedRows.of("a2", 41, 0), ListedRows.of("a3", 41, 29), OF_B);
    private static final List<Dataset.Streamed.Part> PARTS =
            List.of(new Dataset.Streamed.Part(2, 3), new Dataset.Streamed.Part(1, 1));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPartOfSeveralSourcesIsDrawnFromAsOneThatHasAllTheirRows(boolean untilAll) throws IOException {
        Dataset.Streamed joined = Dataset.stream(List.of(ListedRows.of("a", 0, 70), OF_B), IDS)
                .withWindow(16)
                .mixed(List.of(2.0, 1.0), untilAll);
        Dataset.Streamed parts = Dataset.stream(IN_PARTS, IDS).withWindow(16).drawn(PARTS, untilAll);
        try (StreamBatches expected = new StreamBatches(joined, CONFIG);
                StreamBatches stream = new StreamBatches(parts, CONFIG)) {
            assertThat(rows(stream, 400)).isEqualTo(rows(expected, 400)).contains(0, 69, 1030);
        }
    }

    @Test
    void partsMustHaveAllSources() {
        assertThatThrownBy(() ->
                        new StreamBatches(Dataset.stream(IN_PARTS, IDS).mixed(List.of(1.0, 1.0), false), CONFIG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "a mix needs a weight for each of 4 sources, or parts that have as many together");
        assertThatThrownBy(() -> new Dataset.Streamed.Part(1, 0)).hasMessageContaining("at least 1 source, got 0");
        assertThatThrownBy(() -> new Dataset.Streamed.Part(-1, 1)).hasMessageContaining("above 0, got -1.0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMixGoesOnFromAMark(boolean untilAll) throws IOException {
        Dataset.Streamed mixed = Dataset.stream(IN_PARTS, IDS).withWindow(16).drawn(PARTS, untilAll);
        try (StreamBatches whole = new StreamBatches(mixed, CONFIG)) {
            for (long i = 0; i < 90; i += 3) {
                List<Integer> expected = ids(whole, 0, i);
                try (StreamBatches other = new StreamBatches(mixed, CONFIG)) {
                    other.recall(whole.mark(i));
                    assertThat(ids(other, 0, i)).isEqualTo(expected);
                }
            }
        }
    }
}
