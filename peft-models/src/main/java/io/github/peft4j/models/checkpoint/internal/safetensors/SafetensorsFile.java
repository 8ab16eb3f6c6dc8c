package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.PlainTensor;
import io.github.peft4j.models.checkpoint.internal.TensorData;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorTable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One {@code .safetensors} file, mapped.
 *
 * <p>Opening reads the header only and checks all of it: at most 100 MB, valid JSON without repeated keys, and tensors that cover
 * the rest of the file without gap or overlap, each as long as its type and shape say. A tensor of an unknown type is listed, and
 * refused by name when it is read.
 *
 * <p>Safe for concurrent use.
 */
public final class SafetensorsFile implements Checkpoint {

    private final MappedFile file;
    private final TensorTable tensors;
    private final Map<String, UnknownTensor> unknown;
    private final Map<String, String> metadata;
    private final Set<String> names;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
        Map<String, TensorData> known = new LinkedHashMap<>();
        Map<String, UnknownTensor> others = new HashMap<>();
        Set<String> all = new LinkedHashSet<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            all.add(entry.name());
            @Nullable TensorInfo info = entry.info();
            if (info == null) {
                others.put(entry.name(), new UnknownTensor(file, entry.name(), entry.type()));
            } else {
                known.put(entry.name(), new PlainTensor(file, info, header.dataStart() + entry.begin()));
            }
        }
        this.file = file;
        this.tensors = new TensorTable(file, known);
        this.unknown = others;
        this.metadata = header.metadata();
        this.names = Collections.unmodifiableSet(all);
    }

    /**
     * Opens a file.
     *
     * @param path a safetensors file
     * @return the open file; the caller closes it
     * @throws CheckpointException if it cannot be read or any check of its header fails
     */
    public static SafetensorsFile open(Path path) throws CheckpointException {
        MappedFile file = MappedFile.open(path);
        try {
            return new SafetensorsFile(file, SafetensorsHeader.read(file));
        } catch (CheckpointException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Returns the header's {@code __metadata__}.
     *
     * @return text by key, for instance {@code format=pt}; empty if the file has none
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public TensorInfo info(String name) throws CheckpointException {
        return known(name).info();
    }

    @Override
    public ByteBuffer bytes(String name) throws CheckpointException {
        known(name);
        return tensors.bytes(name);
    }

    @Override
    public ByteBuffer rows(String name, long from, long to) throws CheckpointException {
        known(name);
        return tensors.rows(name, from, to);
    }

    @Override
    public void copyRows(String name, long from, long to, ByteBuffer target) throws CheckpointException {
        known(name);
        tensors.copyRows(name, from, to, target);
    }

    @Override
    public boolean inPlace(String name) throws CheckpointException {
        return known(name).inPlace();
    }

    @Override
    public Path source(String name) throws CheckpointException {
        if (!unknown.containsKey(name)) {
            tensors.get(name);
        }
        return file.path();
    }

    @Override
    public void close() {
        tensors.close();
    }

    private TensorData known(String name) throws CheckpointException {
        @Nullable UnknownTensor refused = unknown.get(name);
        if (refused != null) {
            throw refused.refusal();
        }
        return tensors.get(name);
    }
}
