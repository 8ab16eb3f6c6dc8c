package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.internal.json.JsonQuoting;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes safetensors files, byte for byte those of the Python library for equal tensors and metadata: types from wide to narrow,
 * names in the order of their bytes, a compact header padded to eight bytes. (Python writes several metadata entries in no
 * particular order; here they are sorted.)
 *
 * <p>Tensors are streamed, so one of any size needs no more memory than the chunks its source makes.
 */
public final class SafetensorsWriter {

    private static final Comparator<TensorSource> ORDER = Comparator.comparing(
                    (TensorSource tensor) -> tensor.info().type())
            .reversed()
            .thenComparing(tensor -> utf8(tensor.info().name()), Arrays::compareUnsigned);

    private SafetensorsWriter() {}

    /**
     * Writes a file atomically: it appears complete, or not at all.
     *
     * @param file the target, replaced if it exists
     * @param metadata text for {@code __metadata__}, for instance {@code format=pt}; empty for none
     * @param tensors the tensors, in any order
     * @throws IOException if writing fails, or a source gives more or fewer bytes than its shape needs
     * @throws IllegalArgumentException if two tensors have one name, or a name cannot be written
     */
    public static void write(Path file, Map<String, String> metadata, Collection<TensorSource> tensors)
            throws IOException {
        AtomicWrite.toFile(file, channel -> write(channel, metadata, tensors));
    }

    /**
     * Writes the content of a file.
     *
     * @param channel where to write, for instance a file of an {@link AtomicWrite}
     * @param metadata text for {@code __metadata__}; empty for none
     * @param tensors the tensors, in any order
     * @throws IOException if writing fails, or a source gives more or fewer bytes than its shape needs
     * @throws IllegalArgumentException if two tensors have one name, or a name cannot be written
     */
    public static void write(
            WritableByteChannel channel, Map<String, String> metadata, Collection<TensorSource> tensors)
            throws IOException {
        List<TensorSource> sorted = new ArrayList<>(tensors);
        sorted.sort(ORDER);
        requireNames(sorted);
        byte[] header = utf8(header(new TreeMap<>(metadata), sorted));
        int padding = -header.length & 7;
        if (header.length + padding > SafetensorsHeader.MAX_BYTES) {
            throw new CheckpointException("the header of " + sorted.size() + " tensors takes " + header.length
                    + " bytes, readers accept at most " + SafetensorsHeader.MAX_BYTES);
        }
        ByteBuffer start =
                ByteBuffer.allocate(Long.BYTES + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length + padding).put(header);
        while (start.hasRemaining()) {
            start.put((byte) ' ');
        }
        CountingSink.writeFully(channel, start.flip());
        for (TensorSource tensor : sorted) {
            CountingSink sink = new CountingSink(channel, tensor.info());
            tensor.content().writeTo(sink);
            sink.requireComplete();
        }
    }

    private static String header(Map<String, String> metadata, List<TensorSource> tensors) {
        StringBuilder out = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            quote(out, SafetensorsJson.METADATA);
            out.append(":{");
            metadata.forEach((key, value) -> {
                quote(out, key);
                out.append(':');
                quote(out, value);
                out.append(',');
            });
            out.setLength(out.length() - 1);
            out.append("},");
        }
        long offset = 0;
        for (TensorSource tensor : tensors) {
            TensorInfo info = tensor.info();
            quote(out, info.name());
            out.append(":{\"dtype\":\"").append(info.type()).append("\",\"shape\":");
            out.append(info.shape().toString().replace(" ", ""));
            out.append(",\"data_offsets\":[").append(offset).append(',');
            offset = Math.addExact(offset, info.byteSize());
            out.append(offset).append("]},");
        }
        if (out.length() > 1) {
            out.setLength(out.length() - 1);
        }
        return out.append('}').toString();
    }

    private static void requireNames(List<TensorSource> tensors) {
        Set<String> seen = new HashSet<>();
        for (TensorSource tensor : tensors) {
            String name = tensor.info().name();
            if (name.equals(SafetensorsJson.METADATA)
                    || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
                throw new IllegalArgumentException("a tensor cannot have the name " + Printable.quoted(name));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("two tensors have the name " + Printable.quoted(name));
            }
        }
    }

    /** As Rust's serde_json. */
    private static void quote(StringBuilder out, String text) {
        JsonQuoting.quote(out, text, JsonQuoting.Escaping.UNICODE);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
