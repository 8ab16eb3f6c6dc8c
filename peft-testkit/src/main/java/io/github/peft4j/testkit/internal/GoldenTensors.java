package io.github.peft4j.testkit.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reference values that another program wrote: a safetensors file of float32 tensors whose metadata say with what they were made. Close it.
 */
public final class GoldenTensors implements AutoCloseable {

    private final Path path;
    private final SafetensorsFile file;

    private GoldenTensors(Path path, SafetensorsFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a file.
     *
     * @throws AssertionError if it is not there or is damaged
     */
    public static GoldenTensors open(Path path) {
        try {
            return new GoldenTensors(path, SafetensorsFile.open(path));
        } catch (CheckpointException e) {
            throw new AssertionError("cannot read the fixture " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * The place of a resource on disk; a folder or a file.
     *
     * @param name as {@link Class#getResource} takes it
     * @throws AssertionError if there is none
     */
    public static Path resource(Class<?> beside, String name) {
        URL url = beside.getResource(name);
        if (url == null) {
            throw new AssertionError("no fixture " + name + " beside " + beside.getName());
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError("the fixture " + name + " is not on disk", e);
        }
    }

    /** Names of the tensors. */
    public Set<String> names() {
        return file.names();
    }

    /** Shapes of the tensors whose names start with a prefix, by the rest of their names. */
    public Map<String, List<Long>> shapes(String prefix) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                shapes.put(name.substring(prefix.length()), info(name).shape());
            }
        }
        return shapes;
    }

    /**
     * The values of a float32 tensor, row by row.
     *
     * @throws AssertionError if there is no such tensor or it is of another type
     */
    public float[] floats(String name) {
        TensorInfo info = info(name);
        if (info.type() != StoredType.F32) {
            throw new AssertionError(path + ": " + name + " is " + info.type() + ", expected F32");
        }
        try {
            ByteBuffer bytes = file.bytes(name).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[Math.toIntExact(info.elementCount())];
            bytes.asFloatBuffer().get(values);
            return values;
        } catch (CheckpointException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private TensorInfo info(String name) {
        try {
            return file.info(name);
        } catch (CheckpointException e) {
            throw new AssertionError(path + ": " + e.getMessage(), e);
        }
    }

    /** Whether the file's metadata have an entry. */
    public boolean hasMetadata(String key) {
        return file.metadata().containsKey(key);
    }

    /**
     * An entry of the file's metadata.
     *
     * @throws AssertionError if there is none
     */
    public String metadata(String key) {
        String value = file.metadata().get(key);
        if (value == null) {
            throw new AssertionError(path + " has no metadata " + key + ", only "
                    + file.metadata().keySet());
        }
        return value;
    }

    @Override
    public void close() {
        file.close();
    }
}
