package io.github.peft4j.training.data.arrow.internal;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/** Buffers that were written compressed, as Feather's files are: they are in memory as a whole. */
final class CompressedBytes {

    /** Bytes of all buffers of a batch. */
    private static final long MOST = 1 << 28;

    private static final long NOT_COMPRESSED = -1;

    private final byte codec;
    private long left = MOST;

    /** The buffers of a batch. */
    CompressedBytes(byte codec) {
        this.codec = codec;
    }

    /**
     * What a buffer held before: its first eight bytes say how much.
     *
     * @throws DamagedArrow if it holds something else, or too much, or is compressed in another way
     */
    ColumnBytes of(ColumnBytes bytes) throws IOException {
        long size = bytes.int64(0);
        int stored = (int) Math.min(Integer.MAX_VALUE, bytes.size() - Long.BYTES);
        if (size == NOT_COMPRESSED) {
            return bytes.from(Long.BYTES);
        }
        left -= Math.max(0, size);
        if (size < 0 || size > MOST || left < 0 || stored > MOST) {
            throw new DamagedArrow("a batch has more than " + MOST
                    + " bytes before compression: write it in smaller batches, or without compression");
        }
        try (InputStream in = unpacked(new ByteArrayInputStream(bytes.bytes(Long.BYTES, stored)))) {
            byte[] all = in.readNBytes((int) size);
            if (all.length < size || in.read() >= 0) {
                throw new DamagedArrow("a buffer has not the " + size + " bytes that it is said to have");
            }
            return ColumnBytes.of(all);
        }
    }

    private InputStream unpacked(InputStream packed) throws IOException {
        return switch (codec) {
            case CompressionType.LZ4_FRAME -> new FramedLZ4CompressorInputStream(packed);
            case CompressionType.ZSTD -> {
                try {
                    yield Zstd.open(packed);
                } catch (LinkageError e) {
                    throw new DamagedArrow(
                            "it is compressed by zstd, which needs the library com.github.luben:zstd-jni, and that could"
                                    + " not be loaded: " + e,
                            e);
                }
            }
            default -> throw new DamagedArrow("it is compressed by an unknown method (" + codec + ")");
        };
    }

    /** Names the library, which is loaded with this class when it is needed. */
    private static final class Zstd {

        private Zstd() {}

        static InputStream open(InputStream packed) throws IOException {
            return new ZstdInputStreamNoFinalizer(packed);
        }
    }
}
