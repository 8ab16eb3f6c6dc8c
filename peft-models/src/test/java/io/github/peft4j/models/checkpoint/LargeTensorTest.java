package io.github.peft4j.models.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors and offsets beyond 2 GiB and 4 GiB, in a sparse file that takes next to no disk. */
class LargeTensorTest {

    private static final long ROWS = 300_000;
    private static final long COLUMNS = 4096;
    private static final long BIG_BYTES = ROWS * COLUMNS * 4;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeSparseFile() throws IOException {
        file = folder.resolve("big.safetensors");
        String json = "{\"big\":{\"dtype\":\"F32\",\"shape\":[" + ROWS + "," + COLUMNS + "],\"data_offsets\":[0,"
                + BIG_BYTES
                + "]},\"after\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[" + BIG_BYTES + "," + (BIG_BYTES + 8)
                + "]}}";
        json += " ".repeat(-json.length() & 7);
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(header.length).put(header).flip(), 0);
            long data = 8L + header.length;
            put(channel, data + (ROWS - 1) * COLUMNS * 4, 1234);
            put(channel, data + BIG_BYTES, 5);
            put(channel, data + BIG_BYTES + 4, 6);
        }
    }

    @Test
    void readsATensorBeyondTwoGibibytesByRows() throws IOException {
        assertThat(BIG_BYTES).isGreaterThan(1L << 32);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.info("big").byteSize()).isEqualTo(BIG_BYTES);
            assertThat(checkpoint.inPlace("big")).isTrue();
            ByteBuffer rows = checkpoint.rows("big", ROWS - 2, ROWS);
            assertThat(rows.remaining()).isEqualTo(2 * COLUMNS * 4);
            assertThat(rows.getInt((int) COLUMNS * 4)).isEqualTo(1234);
            assertThat(rows.getInt(0)).isZero();
            assertThat(checkpoint.rows("big", 0, 131_071).remaining()).isEqualTo(131_071 * 4096 * 4);
        }
    }

    @Test
    void readsATensorThatLiesBeyondFourGibibytes() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            ByteBuffer after = checkpoint.bytes("after");
            assertThat(after.getInt()).isEqualTo(5);
            assertThat(after.getInt()).isEqualTo(6);
        }
    }

    @Test
    void refusesToPutTwoGibibytesIntoOneBuffer() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThatThrownBy(() -> checkpoint.bytes("big"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("tensor \"big\" of " + file + ": " + BIG_BYTES
                            + " bytes do not fit in one buffer of at most 2147483647; read fewer rows at a time");
            assertThatThrownBy(() -> checkpoint.rows("big", 0, 131_072)).isInstanceOf(CheckpointException.class);
        }
    }

    @Test
    void streamsALargeTensorInPiecesWhenCopyingIt() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            long[] seen = new long[2];
            TensorSource.of(checkpoint, "big").content().writeTo(chunk -> {
                assertThat(chunk.remaining()).isLessThanOrEqualTo(1 << 28);
                seen[0] += chunk.remaining();
                seen[1]++;
            });
            assertThat(seen[0]).isEqualTo(BIG_BYTES);
            assertThat(seen[1]).isEqualTo(19);
        }
    }

    private static void put(FileChannel channel, long position, int value) throws IOException {
        channel.write(
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .flip(),
                position);
    }
}
