package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes zip files as torch.save does, with control over every field; entries may be holes of any size in a sparse file. */
public final class TorchFiles {

    private final List<Entry> entries = new ArrayList<>();
    private boolean wide;
    private int method;
    private int flags;

    private record Entry(String name, byte[] content, long size) {}

    /** An archive with this pickle and one storage "0" of so many bytes that count up. */
    public static TorchFiles of(byte[] pickle, int storageBytes) {
        byte[] storage = new byte[storageBytes];
        for (int i = 0; i < storageBytes; i++) {
            storage[i] = (byte) i;
        }
        return new TorchFiles().add("archive/data.pkl", pickle).add("archive/data/0", storage);
    }

    public TorchFiles add(String name, byte[] content) {
        entries.add(new Entry(name, content, content.length));
        return this;
    }

    TorchFiles addHole(String name, long size) {
        entries.add(new Entry(name, new byte[0], size));
        return this;
    }

    /** Writes sizes and offsets in the 64-bit fields. */
    TorchFiles wide() {
        wide = true;
        return this;
    }

    TorchFiles method(int value) {
        method = value;
        return this;
    }

    TorchFiles flags(int value) {
        flags = value;
        return this;
    }

    public Path write(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            List<byte[]> central = new ArrayList<>();
            long at = 0;
            for (Entry entry : entries) {
                byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
                long data = at + 30 + name.length;
                int padding = (int) (-data & 63);
                ByteBuffer local = buffer(30 + name.length + padding).putInt(0x04034b50);
                local.putShort(26, (short) name.length).putShort(28, (short) padding);
                local.position(30).put(name);
                channel.write(local.rewind(), at);
                channel.write(ByteBuffer.wrap(entry.content()), data + padding);
                central.add(central(name, entry.size(), at));
                at = data + padding + entry.size();
            }
            long start = at;
            for (byte[] record : central) {
                at += channel.write(ByteBuffer.wrap(record), at);
            }
            long size = at - start;
            if (wide) {
                ByteBuffer end = buffer(76).putInt(0x06064b50).putLong(44);
                end.putLong(24, entries.size()).putLong(32, entries.size());
                end.putLong(40, size).putLong(48, start);
                end.position(56).putInt(0x07064b50).putInt(0).putLong(at).putInt(1);
                at += channel.write(end.flip(), at);
            }
            ByteBuffer end = buffer(22).putInt(0x06054b50).putInt(0);
            end.putShort((short) entries.size()).putShort((short) entries.size());
            end.putInt(wide ? -1 : (int) size).putInt(wide ? -1 : (int) start);
            channel.write(end.rewind(), at);
        }
        return file;
    }

    private byte[] central(byte[] name, long size, long header) {
        int extra = wide ? 4 + 5 + 28 : 0;
        ByteBuffer record = buffer(46 + name.length + extra).putInt(0x02014b50);
        record.putShort(8, (short) flags).putShort(10, (short) method);
        record.putInt(20, wide ? -1 : (int) size).putInt(24, wide ? -1 : (int) size);
        record.putShort(28, (short) name.length).putShort(30, (short) extra);
        record.putInt(42, wide ? -1 : (int) header);
        record.position(46).put(name);
        if (wide) {
            // Another field first, which must be passed over.
            record.putShort((short) 0x4246).putShort((short) 5).put(new byte[5]);
            record.putShort((short) 1).putShort((short) 24);
            record.putLong(size).putLong(size).putLong(header);
        }
        return Fixtures.heap(record.rewind());
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
