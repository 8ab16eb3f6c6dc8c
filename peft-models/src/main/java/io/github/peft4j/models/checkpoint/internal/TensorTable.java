package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tensors of one open file: looked up by name, whole or by rows, with copies held as long as the file is open. */
public final class TensorTable implements AutoCloseable {

    /**
     * Of one file or index. A tensor costs half a kilobyte of heap, however few bytes its entry has; the largest known checkpoint has a quarter as many
     * in all its files together.
     */
    public static final int MOST_TENSORS = 400_000;

    private final MappedFile file;
    private final Map<String, TensorData> tensors;
    private final Map<String, ByteBuffer> copies = new HashMap<>();

    public TensorTable(MappedFile file, Map<String, TensorData> tensors) {
        this.file = file;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    public Set<String> names() {
        return tensors.keySet();
    }

    public TensorData get(String name) throws CheckpointException {
        @Nullable TensorData data = tensors.get(name);
        if (data == null) {
            throw new CheckpointException("there is no tensor " + Printable.quoted(name) + " in " + file.path()
                    + ", which holds " + tensors.size() + " tensors");
        }
        return data;
    }

    public ByteBuffer bytes(String name) throws CheckpointException {
        TensorData data = get(name);
        requireFits(data.info(), data.info().byteSize());
        if (data.inPlace()) {
            return data.read(0, data.info().rowCount());
        }
        synchronized (copies) {
            @Nullable ByteBuffer copy = copies.get(name);
            if (copy == null) {
                copy = data.read(0, data.info().rowCount());
                copies.put(name, copy);
            }
            return copy.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    public ByteBuffer rows(String name, long from, long to) throws CheckpointException {
        TensorData data = get(name);
        TensorInfo info = data.info();
        Objects.checkFromToIndex(from, to, info.rowCount());
        requireFits(info, (to - from) * info.rowByteSize());
        return data.read(from, to);
    }

    public void copyRows(String name, long from, long to, ByteBuffer target) throws CheckpointException {
        TensorData data = get(name);
        Objects.checkFromToIndex(from, to, data.info().rowCount());
        requireFits(data.info(), (to - from) * data.info().rowByteSize());
        data.copy(from, to, target);
    }

    private void requireFits(TensorInfo info, long bytes) throws CheckpointException {
        if (bytes > Integer.MAX_VALUE) {
            throw new CheckpointException("tensor " + Printable.quoted(info.name()) + " of " + file.path() + ": "
                    + bytes
                    + " bytes do not fit in one buffer of at most " + Integer.MAX_VALUE
                    + "; read "
                    + (info.rowCount() > 1 ? "fewer rows at a time" : "a checkpoint whose tensors have more rows"));
        }
    }

    @Override
    public void close() {
        file.close();
        synchronized (copies) {
            copies.clear();
        }
    }
}
