package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The table of contents of a zip file, read to find out where the entries' bytes lie; Java's own reader does not tell. Entries must
 * be stored, as torch.save stores them: a compressed one could not be mapped, and could be a bomb.
 */
final class ZipArchive {

    private static final Kind LOCAL = new Kind(0x04034b50, 30);
    private static final Kind CENTRAL = new Kind(0x02014b50, 46);
    private static final Kind END = new Kind(0x06054b50, 22);
    private static final Kind END_64 = new Kind(0x06064b50, 56);
    private static final Kind LOCATOR_64 = new Kind(0x07064b50, 20);

    private static final int MAX_COMMENT = 0xffff;

    /** Some hundred bytes for each of the 50,000 tensors that a pickle may hold. */
    private static final int MAX_DIRECTORY_BYTES = 1 << 24;

    private static final int EXTRA_64 = 1;
    private static final long IN_EXTRA = 0xffff_ffffL;

    private final MappedFile file;
    private final Map<String, Entry> entries;
    private final long directoryStart;

    /**
     * One entry.
     *
     * @param header where its local header lies
     * @param size its bytes
     * @param stored whether the bytes stand as they are: neither compressed nor encrypted
     */
    record Entry(String name, long header, long size, boolean stored) {}

    /** A kind of record: what it begins with, and its bytes without what has no fixed length. */
    private record Kind(int signature, int bytes) {

        boolean isAt(ByteBuffer buffer, int at) {
            return buffer.getInt(at) == signature;
        }
    }

    private record Directory(long start, long size) {}

    private ZipArchive(MappedFile file, Map<String, Entry> entries, long directoryStart) {
        this.file = file;
        this.entries = entries;
        this.directoryStart = directoryStart;
    }

    static ZipArchive read(MappedFile file) throws CheckpointException {
        Directory directory = directory(file);
        Map<String, Entry> entries = new LinkedHashMap<>();
        ByteBuffer bytes = buffer(file, directory.start(), directory.size());
        while (bytes.hasRemaining()) {
            Entry entry = entry(file, bytes);
            if (entries.put(entry.name(), entry) != null) {
                throw damaged(file, "two entries have the name " + Printable.quoted(entry.name()));
            }
        }
        return new ZipArchive(file, Collections.unmodifiableMap(entries), directory.start());
    }

    Map<String, Entry> entries() {
        return entries;
    }

    /** Where the bytes of an entry begin; checks that they lie before the table of contents. */
    long dataStart(Entry entry) throws CheckpointException {
        String what = "the entry " + Printable.quoted(entry.name());
        if (!entry.stored()) {
            throw new CheckpointException(file.path() + ": " + what
                    + " is compressed or encrypted, expected it to be stored as torch.save does; save the model again");
        }
        if (entry.header() < 0 || entry.header() > directoryStart - LOCAL.bytes()) {
            throw damaged(file, what + " is said to begin at " + entry.header());
        }
        ByteBuffer local = buffer(file, entry.header(), LOCAL.bytes());
        if (!LOCAL.isAt(local, 0)) {
            throw damaged(file, what + " does not begin at " + entry.header());
        }
        long start = entry.header() + LOCAL.bytes() + unsigned(local, 26) + unsigned(local, 28);
        if (entry.size() < 0 || entry.size() > directoryStart - start) {
            throw damaged(
                    file,
                    what + " of " + entry.size() + " bytes at " + start
                            + " does not end before the table of contents at " + directoryStart);
        }
        return start;
    }

    private static Entry entry(MappedFile file, ByteBuffer bytes) throws CheckpointException {
        int at = bytes.position();
        int left = bytes.remaining();
        if (left < CENTRAL.bytes() || !CENTRAL.isAt(bytes, at)) {
            throw damaged(file, "the table of contents breaks off");
        }
        int nameBytes = unsigned(bytes, at + 28);
        int extraBytes = unsigned(bytes, at + 30);
        int next = CENTRAL.bytes() + nameBytes + extraBytes + unsigned(bytes, at + 32);
        if (next > left) {
            throw damaged(file, "the table of contents breaks off");
        }
        boolean encrypted = (unsigned(bytes, at + 8) & 1) != 0;
        int method = unsigned(bytes, at + 10);
        long compressed = bytes.getInt(at + 20) & IN_EXTRA;
        long size = bytes.getInt(at + 24) & IN_EXTRA;
        long header = bytes.getInt(at + 42) & IN_EXTRA;
        ByteBuffer wide = wide(bytes.slice(at + CENTRAL.bytes() + nameBytes, extraBytes));
        size = size == IN_EXTRA ? take(wide, size) : size;
        compressed = compressed == IN_EXTRA ? take(wide, compressed) : compressed;
        header = header == IN_EXTRA ? take(wide, header) : header;
        byte[] name = new byte[nameBytes];
        bytes.get(at + CENTRAL.bytes(), name);
        bytes.position(at + next);
        boolean stored = method == 0 && !encrypted && compressed == size;
        return new Entry(new String(name, StandardCharsets.UTF_8), header, size, stored);
    }

    /** The extra field that holds what does not fit into 32 bits, or nothing. */
    private static ByteBuffer wide(ByteBuffer extra) {
        extra.order(ByteOrder.LITTLE_ENDIAN);
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
            if (id == EXTRA_64) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private static long take(ByteBuffer wide, long otherwise) {
        return wide.remaining() >= Long.BYTES ? wide.getLong() : otherwise;
    }

    private static Directory directory(MappedFile file) throws CheckpointException {
        int tailBytes = (int) Math.min(file.size(), END.bytes() + MAX_COMMENT);
        long tailStart = file.size() - tailBytes;
        ByteBuffer tail = buffer(file, tailStart, tailBytes);
        for (int at = tailBytes - END.bytes(); at >= 0; at--) {
            if (END.isAt(tail, at) && at + END.bytes() + unsigned(tail, at + 20) == tailBytes) {
                long end = tailStart + at;
                Directory narrow = new Directory(tail.getInt(at + 16) & IN_EXTRA, tail.getInt(at + 12) & IN_EXTRA);
                return checked(file, wideDirectory(file, end, narrow), end);
            }
        }
        throw new CheckpointException(
                file.path() + " is truncated: expected a zip table of contents at its end, found none in " + file.size()
                        + " bytes; copy or download the file again");
    }

    private static Directory wideDirectory(MappedFile file, long end, Directory narrow) throws CheckpointException {
        if (end < LOCATOR_64.bytes()) {
            return narrow;
        }
        ByteBuffer locator = buffer(file, end - LOCATOR_64.bytes(), LOCATOR_64.bytes());
        if (!LOCATOR_64.isAt(locator, 0)) {
            return narrow;
        }
        long at = locator.getLong(8);
        if (at < 0 || at > end - LOCATOR_64.bytes() - END_64.bytes()) {
            throw damaged(file, "its 64-bit end record is said to lie at " + at);
        }
        ByteBuffer wide = buffer(file, at, END_64.bytes());
        if (!END_64.isAt(wide, 0)) {
            throw damaged(file, "there is no 64-bit end record at " + at);
        }
        return new Directory(wide.getLong(48), wide.getLong(40));
    }

    private static Directory checked(MappedFile file, Directory directory, long end) throws CheckpointException {
        boolean inside = directory.start() >= 0 && directory.size() >= 0 && directory.start() <= end - directory.size();
        if (!inside || directory.size() > MAX_DIRECTORY_BYTES) {
            throw damaged(
                    file,
                    "its table of contents is said to take " + directory.size() + " bytes at " + directory.start()
                            + " of " + file.size());
        }
        return directory;
    }

    private static ByteBuffer buffer(MappedFile file, long offset, long length) throws CheckpointException {
        return ByteBuffer.wrap(file.read(offset, (int) length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int unsigned(ByteBuffer bytes, int at) {
        return bytes.getShort(at) & 0xffff;
    }

    private static CheckpointException damaged(MappedFile file, String problem) {
        return new CheckpointException(file.path() + ": damaged zip file: " + problem);
    }
}
