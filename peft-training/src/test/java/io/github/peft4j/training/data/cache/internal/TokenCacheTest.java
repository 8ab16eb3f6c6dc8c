package io.github.peft4j.training.data.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.batch.internal.ListedRows;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.EncodingOptions.OddRows;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.RowDigest;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCacheTest {

    private static final EncodingOptions IDS = EncodingOptions.of(1000);

    @TempDir
    Path folder;

    /** Counts how often rows are read. */
    private record Counted(RowSource source, AtomicInteger opened) implements RowSource {

        static Counted rows(int count) {
            return new Counted(ListedRows.of("rows", 100, count), new AtomicInteger());
        }

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public Cursor open(@Nullable Position from) throws IOException {
            opened.incrementAndGet();
            return source.open(from);
        }

        @Override
        public String fingerprint() throws IOException {
            return source.fingerprint();
        }
    }

    private CachedRows rows(EncodingOptions options, RowSource... sources) throws IOException {
        return new TokenCache(folder, TokenCache.Progress.NONE).rows(RowFeed.inTurn(List.of(sources)), options);
    }

    private static List<Row> all(CachedRows cached) throws IOException {
        List<Row> all = new ArrayList<>();
        for (int i = 0; i < cached.count(); i++) {
            all.add(cached.row(i));
        }
        return all;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .sorted()
                    .toList();
        }
    }

    private Path file() throws IOException {
        return folder.resolve(names().get(0));
    }

    @Test
    void rowsAreThoseOfMemoryAndReadOnce() throws IOException {
        Counted source = Counted.rows(700);
        Dataset memory = Dataset.from(List.of(source), IDS);
        for (int run = 0; run < 3; run++) {
            try (CachedRows cached = rows(IDS, source)) {
                assertThat(cached.count()).isEqualTo(700);
                assertThat(cached.report()).isEqualTo(memory.report());
                assertThat(cached.digest())
                        .isEqualTo(RowDigest.ofRows(memory.rows()))
                        .isEqualTo(RowDigest.ofRows(all(cached)));
                assertThat(cached.tokens())
                        .isEqualTo(memory.rows().stream().mapToInt(Row::tokens).toArray());
            }
        }
        assertThat(source.opened()).hasValue(2);
        assertThat(names()).hasSize(1).allMatch(name -> name.endsWith(".rows"));
    }

    @Test
    void whateverDecidesWhatRowsAreMakesAnotherFile() throws IOException {
        Counted source = Counted.rows(20);
        List<EncodingOptions> others = List.of(
                IDS,
                EncodingOptions.of(999),
                IDS.withMaxLength(5),
                IDS.withMaxLength(5).withTruncation(Truncation.LEFT),
                IDS.withOddRows(OddRows.DEFAULT.withDoubled(OddRows.Choice.SKIP)),
                IDS.withTokenTypes(2));
        for (EncodingOptions options : others) {
            rows(options, source).close();
        }
        rows(IDS, source, ListedRows.of("more", 300, 2)).close();
        rows(IDS, ListedRows.of("rows", 100, 20).withColumns(Map.of("labels", "labels")))
                .close();
        assertThat(names()).hasSize(others.size() + 2);
    }

    @Test
    void aFileThatWasChangedIsEncodedAnewThoughNoSampleOfItShowsThat() throws IOException {
        Path data = folder.resolve("rows.jsonl");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            text.append("{\"input_ids\": [1, 2], \"labels\": [1, 2]}\n");
        }
        Files.writeString(data, text);
        RowSource source = RowSource.of(data);
        String before = source.fingerprint();
        Path cache = folder.resolve("cache");
        TokenCache tokens = new TokenCache(cache, TokenCache.Progress.NONE);
        tokens.rows(RowFeed.inTurn(List.of(source)), IDS).close();
        int place = text.indexOf("[1, 2]", 300_000);
        Files.writeString(data, text.replace(place, place + 6, "[7, 2]"));
        Files.setLastModifiedTime(data, FileTime.fromMillis(1_000_000));
        assertThat(source.fingerprint()).isEqualTo(before);
        try (CachedRows cached = tokens.rows(RowFeed.inTurn(List.of(source)), IDS)) {
            assertThat(all(cached).stream().filter(row -> row.tokenIds()[0] == 7))
                    .hasSize(1);
        }
    }

    @Test
    void twoThatWantTheSameEncodeItOnce() {
        Counted source = Counted.rows(3000);
        List<CompletableFuture<Integer>> runs = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
                    try (CachedRows cached = rows(EncodingOptions.of(5000), source)) {
                        return cached.count();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .limit(4)
                .toList();
        assertThat(runs.stream().map(CompletableFuture::join)).containsOnly(3000);
        assertThat(source.opened()).hasValue(1);
    }

    @Test
    void whatFailsLeavesNothingBehind() throws IOException {
        RowSource bad = new ListedRows(
                "bad", List.of(ListedRows.of("a", 1, 1).items().get(0), RowSource.Item.unreadable(2, "is no row")));
        assertThatThrownBy(() -> rows(IDS, bad))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("is no row");
        assertThat(names()).isEmpty();
    }

    /** A byte of a row, of its entry, and of another row's. */
    @Test
    void damageIsFoundWhenTheRowIsRead() throws IOException {
        rows(IDS, Counted.rows(50)).close();
        byte[] sound = Files.readAllBytes(file());
        long entries = ByteBuffer.wrap(sound).getLong(sound.length - CacheFile.TRAILER);
        int[] places = {
            CacheFile.HEADER + 3, (int) entries + 1, (int) entries + 7, (int) entries + 9, (int) entries + 15
        };
        for (int place : places) {
            byte[] damaged = sound.clone();
            damaged[place] ^= 0x41;
            Files.write(file(), damaged);
            try (CachedRows cached = rows(IDS, Counted.rows(50))) {
                assertThatThrownBy(() -> all(cached))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("is damaged: row")
                        .hasMessageContaining("Remove the file");
            }
        }
    }

    @Test
    void aFileThatIsNoneIsEncodedAnew() throws IOException {
        Counted source = Counted.rows(50);
        rows(IDS, source).close();
        byte[] sound = Files.readAllBytes(file());
        List<byte[]> others = new ArrayList<>(List.of(new byte[0], new byte[100]));
        for (int length : new int[] {10, 47, 48, sound.length / 2, sound.length - 1}) {
            others.add(Arrays.copyOf(sound, length));
        }
        for (int back = 1; back <= CacheFile.TRAILER + 20; back++) {
            byte[] damaged = sound.clone();
            damaged[sound.length - back] ^= 0x11;
            others.add(damaged);
        }
        int opened = source.opened().get();
        for (byte[] other : others) {
            Files.write(file(), other);
            try (CachedRows cached = rows(IDS, source)) {
                assertThat(all(cached)).hasSize(50);
            }
            assertThat(source.opened()).hasValue(++opened);
            assertThat(Files.readAllBytes(file())).isEqualTo(sound);
        }
    }

    /** Written by somebody else with all checksums right. */
    @Test
    void idsThatTheModelHasNotAreRefused() throws IOException {
        ListedRows large = ListedRows.of("rows", 990, 20);
        rows(EncodingOptions.of(5000), large).close();
        Path written = file();
        try (CachedRows cached = CachedRows.open(written, key(EncodingOptions.of(5000), large), IDS)) {
            assertThat(cached.row(9).tokenIds()[0]).isEqualTo(999);
            assertThatThrownBy(() -> cached.row(10))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("expected ids below 1000, got 1000");
        }
    }

    private static String key(EncodingOptions options, RowSource source) throws IOException {
        return CacheKey.of(RowFeed.inTurn(List.of(source)), options);
    }
}
