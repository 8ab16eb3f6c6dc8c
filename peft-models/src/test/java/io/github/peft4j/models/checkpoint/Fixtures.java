package io.github.peft4j.models.checkpoint;

import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files that tools/golden_checkpoint.py wrote, and safetensors files made by hand. */
public final class Fixtures {

    private Fixtures() {}

    public static Path path(String name) {
        URL url = Objects.requireNonNull(Fixtures.class.getResource("/checkpoint/" + name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A safetensors file with this header, unpadded, and so many data bytes counting up from 0. */
    public static byte[] safetensors(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(json.length).put(json);
        for (int i = 0; i < dataBytes; i++) {
            out.put((byte) i);
        }
        return out.array();
    }

    public static Path safetensors(Path file, String header, int dataBytes) throws IOException {
        return Files.write(file, safetensors(header, dataBytes));
    }

    public static byte[] heap(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Reads everything a checkpoint offers; any exception but CheckpointException is a bug. */
    public static void readAll(Checkpoint checkpoint) throws CheckpointException {
        for (String name : checkpoint.names()) {
            TensorInfo info = checkpoint.info(name);
            checkpoint.inPlace(name);
            ByteBuffer bytes = checkpoint.bytes(name);
            if (bytes.remaining() != info.byteSize()) {
                throw new AssertionError(info + " gave " + bytes.remaining() + " bytes");
            }
            byte[] whole = heap(bytes);
            long half = info.rowCount() / 2;
            byte[] first = heap(checkpoint.rows(name, 0, half));
            byte[] second = heap(checkpoint.rows(name, half, info.rowCount()));
            ByteBuffer copy = ByteBuffer.allocate(whole.length + 1).position(1);
            checkpoint.copyRows(name, 0, half, copy);
            checkpoint.copyRows(name, half, info.rowCount(), copy);
            if (copy.hasRemaining() || !copy.position(1).equals(ByteBuffer.wrap(whole))) {
                throw new AssertionError(info + " is copied otherwise than it is mapped");
            }
            for (int i = 0; i < whole.length; i++) {
                if (whole[i] != (i < first.length ? first[i] : second[i - first.length])) {
                    throw new AssertionError(info + " differs by rows at byte " + i);
                }
            }
        }
    }
}
