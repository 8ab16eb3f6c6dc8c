package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A case of tools/golden_models.py: a checkpoint folder, inputs, and what transformers computed. */
public final class Golden implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final SafetensorsFile file;

    private Golden(Path folder, SafetensorsFile file) {
        this.folder = folder;
        this.file = file;
    }

    public static Golden of(String name) {
        return at("/golden/models/" + name);
    }

    /** What {@code tools/golden_classification.py} recorded of a classifier. */
    public static Golden classifier(String name) {
        return at("/golden/classification/" + name);
    }

    /** What {@code tools/golden_encoders.py} recorded of an encoder. */
    public static Golden encoder(String name) {
        return at("/golden/encoders/" + name);
    }

    private static Golden at(String resource) {
        URL url = Objects.requireNonNull(Golden.class.getResource(resource), resource);
        try {
            Path folder = Path.of(url.toURI());
            return new Golden(folder, SafetensorsFile.open(folder.resolve("golden.safetensors")));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The checkpoint. */
    public Path folder() {
        return folder;
    }

    /** A copy of the checkpoint that a test may change. */
    public Path copy(Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path source : files.toList()) {
                if (!source.endsWith("golden.safetensors")) {
                    Files.copy(source, target.resolve(source.getFileName().toString()));
                }
            }
        }
        return target;
    }

    /** A copy of the checkpoint with its config changed. */
    public Path copy(Path target, Consumer<ObjectNode> change) throws IOException {
        Path file = copy(target).resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(config);
        Files.writeString(file, JSON.writeValueAsString(config));
        return target;
    }

    /** The names of the tensors that start so, without that start. */
    public List<String> namesAfter(String start) {
        return file.names().stream()
                .filter(name -> name.startsWith(start))
                .map(name -> name.substring(start.length()))
                .toList();
    }

    /** Changes of config.json by name. */
    public JsonNode variants() {
        try {
            return JSON.readTree(file.metadata().get("about")).path("variants");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long[] shape(String name) {
        try {
            return file.info(name).shape().stream().mapToLong(Long::longValue).toArray();
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    public float[] floats(String name) {
        try {
            StoredType type = file.info(name).type();
            ByteBuffer bytes = file.bytes(name);
            float[] values = new float[bytes.remaining() / type.bytes()];
            for (int i = 0; i < values.length; i++) {
                values[i] = type == StoredType.BF16
                        ? Float.intBitsToFloat(bytes.getShort(2 * i) << 16)
                        : bytes.getFloat(4 * i);
            }
            return values;
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int[] ints(String name) {
        try {
            ByteBuffer bytes = file.bytes(name);
            return IntStream.range(0, bytes.remaining() / 8)
                    .map(i -> Math.toIntExact(bytes.getLong(8 * i)))
                    .toArray();
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of token ids. */
    public List<int[]> rows() {
        return rows("");
    }

    /** The rows of token ids whose tensors' names start so. */
    public List<int[]> rows(String prefix) {
        return split(ints(prefix + "ids"), ints(prefix + "lengths"));
    }

    /** The rows with their labels. */
    public Batch labelled() {
        return Batch.of(rows(), split(ints("labels"), ints("lengths")));
    }

    /** Whether there is a tensor of this name. */
    public boolean has(String name) {
        return file.names().contains(name);
    }

    /** A tensor of the rows' tokens, row after row. */
    public List<int[]> split(String name) {
        return split(ints(name), ints("lengths"));
    }

    private static List<int[]> split(int[] all, int[] lengths) {
        List<int[]> rows = new ArrayList<>();
        int start = 0;
        for (int length : lengths) {
            rows.add(Arrays.copyOfRange(all, start, start + length));
            start += length;
        }
        return rows;
    }

    /** Values of all rows' tokens, end to end, as one array per token. */
    public List<float[]> perToken(String name) {
        float[] all = floats(name);
        int width = (int) shape(name)[1];
        return IntStream.range(0, all.length / width)
                .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                .toList();
    }

    /** Checks that no value is off by more than a part of the largest expected one. */
    public static void assertClose(String what, float[] actual, float[] expected, double part) {
        assertClose(what, actual, expected, expected, part);
    }

    /** The same where the largest of other values counts, for what is zero but for rounding. */
    static void assertClose(String what, float[] actual, float[] expected, float[] measure, double part) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : measure) {
            largest = Math.max(largest, Math.abs(value));
        }
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as(what).isFinite();
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference)
                .as("%s: largest difference; largest value is %s", what, largest)
                .isLessThanOrEqualTo(part * largest);
    }

    /** The root of the mean squared difference. */
    public static double distance(float[] one, float[] other) {
        assertThat(one).hasSameSizeAs(other);
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (one[i] - other[i]) * (double) (one[i] - other[i]);
        }
        return Math.sqrt(sum / one.length);
    }

    @Override
    public void close() {
        file.close();
    }
}
