package io.github.peft4j.training.data.cache.internal;

import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.DataReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How rows lie in a file: a header of {@value #HEADER} bytes; the rows ({@link RowBytes}); for each an {@linkplain Entry entry}; a description in JSON; and a trailer that says where
 * all of these are. Whole numbers have the highest byte first. Every row has a checksum of its own, which is looked at when it is read, so that nobody has to read all of a large
 * file before the first step.
 */
final class CacheFile {

    /** Sixteen bytes at the beginning; another form of the file has others. */
    static final byte[] MAGIC = "peft4j rows 0001".getBytes(StandardCharsets.US_ASCII);

    static final int HEADER = 16;
    static final int TRAILER = 32;

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(16 << 20);

    private CacheFile() {}

    /**
     * What is known of a row without reading it.
     *
     * @param offset where it begins; it ends where the next begins
     * @param tokens of all its sequences
     * @param checksum {@link #checksum} of it
     */
    record Entry(long offset, int tokens, int checksum) {

        static final int BYTES = 16;

        static Entry of(ByteBuffer bytes) {
            return new Entry(bytes.getLong(), bytes.getInt(), bytes.getInt());
        }

        void put(ByteBuffer bytes) {
            bytes.putLong(offset).putInt(tokens).putInt(checksum);
        }
    }

    /** CRC-32C of a row's bytes, and of its number and tokens, so that the entries are checked along. */
    static int checksum(long number, int tokens, byte[] row) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(number)
                .putInt(tokens)
                .flip());
        crc.update(row);
        return (int) crc.getValue();
    }

    /**
     * Where the parts of a file are.
     *
     * @param entries where the entries begin
     * @param description where the description begins
     */
    record Trailer(long entries, long description) {

        /** How many rows there are. */
        long rows() {
            return (description - entries) / Entry.BYTES;
        }

        ByteBuffer bytes(byte[] text) {
            return ByteBuffer.allocate(TRAILER)
                    .putLong(entries)
                    .putLong(description)
                    .putLong(checksum(text))
                    .put(MAGIC, 0, Long.BYTES)
                    .flip();
        }

        private long checksum(byte[] text) {
            CRC32C crc = new CRC32C();
            crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(entries)
                    .putLong(description)
                    .flip());
            crc.update(text);
            return crc.getValue();
        }

        /**
         * The trailer of a file of some size, if it can be one.
         *
         * @throws IOException if it cannot
         */
        static Trailer of(ByteBuffer bytes, long size) throws IOException {
            Trailer found = new Trailer(bytes.getLong(0), bytes.getLong(Long.BYTES));
            boolean sane = found.entries >= HEADER
                    && found.description > found.entries
                    && found.description < size - TRAILER
                    && (found.description - found.entries) % Entry.BYTES == 0
                    && found.rows() <= Integer.MAX_VALUE
                    && size - TRAILER - found.description <= LIMITS.bytes();
            if (!sane || !bytes.slice(3 * Long.BYTES, Long.BYTES).equals(ByteBuffer.wrap(MAGIC, 0, Long.BYTES))) {
                throw new IOException("its end is not that of a file of rows");
            }
            return found;
        }

        /**
         * Checks this and the description.
         *
         * @param bytes of this
         * @throws IOException if the checksum is another
         */
        void require(ByteBuffer bytes, byte[] text) throws IOException {
            if (bytes.getLong(2 * Long.BYTES) != checksum(text)) {
                throw new IOException("the checksum of its description is wrong");
            }
        }
    }

    /**
     * What a file says of its rows.
     *
     * @param key what they were made of and how: {@link CacheKey}
     * @param digest {@link io.github.peft4j.training.data.content.internal.RowDigest} of all
     * @param report what there was when they were made
     */
    record Description(String key, String digest, DataReport report) {

        byte[] bytes() {
            DataReport.OddRows odd = report.oddRows();
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("rows", report.rows());
            told.put("tokens", report.tokens());
            told.put("supervised", report.supervisedTokens());
            told.put("longest", report.longest());
            told.put("lost_words", report.lostWords());
            told.put("kinds", report.kinds());
            told.put("too_long", odd.tooLong());
            told.put("cut", odd.cut());
            told.put("split", odd.split());
            told.put("windows", odd.windows());
            told.put("nothing_left", odd.nothingLeft());
            told.put("skipped", said(odd.skipped()));
            told.put("kept", said(odd.kept()));
            return JsonWriter.LINE
                    .write(Map.of("key", key, "digest", digest, "report", told))
                    .getBytes(StandardCharsets.UTF_8);
        }

        private static Map<String, Object> said(DataReport.Said said) {
            return Map.of("count", said.count(), "text", said.text());
        }

        /**
         * Reads what {@link #bytes} wrote.
         *
         * @throws IOException if it is no such text
         */
        static Description of(byte[] text) throws IOException {
            Object all = JsonTree.parse(text, LIMITS);
            Object told = JsonValues.at(all, "report");
            Map<String, Integer> kinds = new TreeMap<>();
            JsonValues.object(JsonValues.at(told, "kinds"))
                    .forEach((kind, count) -> kinds.put(kind, JsonValues.whole(count)));
            DataReport report = new DataReport(
                    whole(told, "rows"),
                    large(told, "tokens"),
                    large(told, "supervised"),
                    whole(told, "longest"),
                    large(told, "lost_words"),
                    kinds,
                    new DataReport.OddRows(
                            whole(told, "too_long"),
                            whole(told, "cut"),
                            whole(told, "split"),
                            whole(told, "windows"),
                            whole(told, "nothing_left"),
                            said(told, "skipped"),
                            said(told, "kept")));
            return new Description(
                    JsonValues.text(JsonValues.at(all, "key")), JsonValues.text(JsonValues.at(all, "digest")), report);
        }

        private static int whole(@Nullable Object of, String key) {
            return JsonValues.whole(JsonValues.at(of, key));
        }

        private static long large(@Nullable Object of, String key) {
            Object value = JsonValues.at(of, key);
            return value instanceof Long large ? large : JsonValues.whole(value);
        }

        private static DataReport.Said said(@Nullable Object of, String key) {
            Object said = JsonValues.at(of, key);
            return new DataReport.Said(whole(said, "count"), JsonValues.text(JsonValues.at(said, "text")));
        }
    }
}
