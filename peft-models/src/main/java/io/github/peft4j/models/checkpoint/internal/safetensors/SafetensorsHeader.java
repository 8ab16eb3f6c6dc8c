package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of a safetensors file: eight bytes of length, then JSON, then the tensors' bytes.
 *
 * @param metadata the string map under {@code __metadata__}
 * @param entries the tensors in the order of their bytes
 * @param dataStart where the tensors' bytes begin in the file
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries, long dataStart) {

    /** The limit of the safetensors library. */
    static final int MAX_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    /**
     * One tensor.
     *
     * @param type the type's name as the file has it
     * @param info what is known of the tensor, or null if the type is not known
     * @param begin the first byte, counted from {@link #dataStart}
     * @param end the byte after the last
     */
    record Entry(String name, String type, @Nullable TensorInfo info, long begin, long end) {}

    static SafetensorsHeader read(MappedFile file) throws CheckpointException {
        if (file.size() < LENGTH_BYTES) {
            throw new CheckpointException(file.path() + " is truncated: expected at least " + LENGTH_BYTES
                    + " bytes of header length, found " + file.size());
        }
        long length = ByteBuffer.wrap(file.read(0, LENGTH_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (length < 0 || length > MAX_BYTES) {
            throw new CheckpointException(file.path() + " is not a safetensors file: expected a header of at most "
                    + MAX_BYTES + " bytes, found the length " + Long.toUnsignedString(length));
        }
        long dataStart = LENGTH_BYTES + length;
        if (dataStart > file.size()) {
            throw new CheckpointException(file.path() + " is truncated: expected a header of " + length
                    + " bytes after the first " + LENGTH_BYTES + ", found " + (file.size() - LENGTH_BYTES));
        }
        int first = length == 0 ? -1 : file.read(LENGTH_BYTES, 1)[0] & 0xff;
        if (first != '{') {
            throw new CheckpointException(
                    file.path() + " is not a safetensors file: expected a header that begins with '{', found "
                            + (length == 0 ? "an empty one" : "byte " + first));
        }
        SafetensorsJson content = SafetensorsJson.parse(file.path(), file.stream(LENGTH_BYTES, length));
        List<Entry> entries = new ArrayList<>(content.entries());
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        requireCovered(file, entries, dataStart);
        return new SafetensorsHeader(content.metadata(), List.copyOf(entries), dataStart);
    }

    private static void requireCovered(MappedFile file, List<Entry> entries, long dataStart)
            throws CheckpointException {
        long end = 0;
        for (Entry entry : entries) {
            if (entry.begin() != end) {
                throw new CheckpointException(file.path() + ": tensor " + Printable.quoted(entry.name()) + " begins at "
                        + entry.begin() + ", expected " + end
                        + (entry.begin() > end ? ": there is a gap before it" : ": it overlaps the tensor before it"));
            }
            end = entry.end();
        }
        long expected = end > Long.MAX_VALUE - dataStart ? Long.MAX_VALUE : dataStart + end;
        if (file.size() < expected) {
            throw new CheckpointException(file.path() + " is truncated: expected " + expected + " bytes, found "
                    + file.size() + "; copy or download the file again");
        }
        if (file.size() > expected) {
            throw new CheckpointException(file.path() + " is longer than its header says: expected " + expected
                    + " bytes, found " + file.size());
        }
    }
}
