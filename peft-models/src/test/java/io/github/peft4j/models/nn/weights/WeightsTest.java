package io.github.peft4j.models.nn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {

    @TempDir
    Path folder;

    private final Scope scope = Scope.open(Device.cpu());
    private final List<TensorSource> tensors = new ArrayList<>();
    private Checkpoint checkpoint;

    @AfterEach
    void close() {
        scope.close();
        if (checkpoint != null) {
            checkpoint.close();
        }
    }

    /** Adds a tensor of small whole numbers, exact in every format: 0, 1, 2, ... plus {@code shift} in the last row. */
    private void add(String name, StoredType type, int shift, Long... shape) {
        TensorInfo info = new TensorInfo(name, type, List.of(shape));
        ByteBuffer bytes = ByteBuffer.allocate((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        long lastRow = info.elementCount() - info.elementCount() / info.rowCount();
        for (int i = 0; i < info.elementCount(); i++) {
            float value = i + (i >= lastRow ? shift : 0);
            switch (type) {
                case F64 -> bytes.putDouble(value);
                case F32 -> bytes.putFloat(value);
                case BF16 -> bytes.putShort((short) (Float.floatToIntBits(value) >> 16));
                default -> bytes.putLong((long) value);
            }
        }
        tensors.add(TensorSource.of(info, bytes.flip()));
    }

    private Weights open(Precision precision, long largestBuffer) throws IOException {
        if (checkpoint != null) {
            checkpoint.close();
        }
        Path file = folder.resolve("weights.safetensors");
        SafetensorsWriter.write(file, Map.of(), tensors);
        checkpoint = Checkpoint.open(file);
        return Weights.of(checkpoint, scope, precision, largestBuffer);
    }

    private Weights open() throws IOException {
        return open(Precision.FLOAT32, Long.MAX_VALUE);
    }

    /** Whether the file's pages belong to this process, as Linux tells; true elsewhere, where nobody does. */
    private boolean isMapped() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        return !Files.exists(maps)
                || Files.readString(maps)
                        .contains(folder.resolve("weights.safetensors").toString());
    }

    @Test
    void aFileIsMappedForWhatIsUsedAsItIsAndNotForWhatIsConverted() throws IOException {
        add("a", StoredType.BF16, 0, 4L, 3L);
        add("b", StoredType.BF16, 0);
        Weights weights = open();
        boolean unknown = isMapped();
        assertThat(values(weights.take("a", 4, 3))).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(values(weights.take("b"))).containsExactly(0);
        assertThat(isMapped()).isEqualTo(unknown);
        open(Precision.BFLOAT16, Long.MAX_VALUE).take("a", 4, 3);
        assertThat(isMapped()).isTrue();
    }

    private float[] values(Weight weight) {
        return scope.kernels().toFloats(weight.array());
    }

    @Test
    void findsTensorsByPushedSegments() throws IOException {
        add("model.layers.3.q.weight", StoredType.F32, 0, 2L, 3L);
        Weights root = open();
        Weights layer = root.at("model").at("layers").at(3).at("q");
        assertThat(layer.has("weight")).isTrue();
        assertThat(layer.has("bias")).isFalse();
        Weight weight = layer.take("weight", 2, 3);
        assertThat(weight.name()).isEqualTo("weight");
        assertThat(values(weight)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(layer.take("weight", 2, 3)).isSameAs(weight);
        root.finish("here", ModelFamily.NONE);
    }

    @Test
    void looksAtTheRootForASegmentThatIsNotThere() throws IOException {
        add("layers.0.weight", StoredType.F32, 0, 1L);
        Weights root = open();
        assertThat(root.atIfPresent("layers").at(0).has("weight")).isTrue();
        assertThat(root.atIfPresent("layer").at("layers").at(0).has("weight")).isTrue();
    }

    /** A tensor that no buffer can hold is the same, read in ranges of rows, whatever the limit and the format. */
    @ParameterizedTest
    @CsvSource({"F32, FLOAT32", "F32, BFLOAT16", "BF16, FLOAT32", "BF16, BFLOAT16", "F64, FLOAT32", "F64, BFLOAT16"})
    void readsLargeTensorsByRows(StoredType type, Precision precision) throws IOException {
        add("weight", type, 0, 7L, 3L);
        float[] expected = new float[21];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = i;
        }
        for (long limit : new long[] {1, 13, 25, 40, 1000}) {
            Weight weight = open(precision, limit).take("weight", 7, 3);
            assertThat(weight.precision()).isEqualTo(precision);
            assertThat(values(weight)).as("limit " + limit).isEqualTo(expected);
        }
    }

    @Test
    void doesNotCopyAgainWhatItHasCopied() throws IOException {
        add("weight", StoredType.F32, 0, 7L, 3L);
        Weight weight = open(Precision.FLOAT32, 16).take("weight", 7, 3);
        Object before = weight.array();
        weight.makeWritable();
        assertThat(weight.array()).isSameAs(before);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 25, Long.MAX_VALUE})
    void tiesWhatTheFileHoldsTwiceIfItIsEqual(long limit) throws IOException {
        add("a.weight", StoredType.F32, 0, 7L, 3L);
        add("b.weight", StoredType.F32, 0, 7L, 3L);
        add("c.weight", StoredType.F32, 1, 7L, 3L);
        add("d.weight", StoredType.BF16, 0, 7L, 3L);
        add("e.weight", StoredType.F32, 0, 3L, 7L);
        Weights root = open(Precision.FLOAT32, limit);
        for (String other : List.of("b", "c", "d", "e")) {
            root.at(other).tie(root.at("a"), "weight");
        }
        Weight first = root.at("a").take("weight", 7, 3);
        assertThat(root.at("b").take("weight", 7, 3)).isSameAs(first);
        assertThat(root.at("c").take("weight", 7, 3)).isNotSameAs(first);
        assertThat(root.at("d").take("weight", 7, 3)).isNotSameAs(first);
        assertThat(root.at("e").take("weight", 3, 7)).isNotSameAs(first);
        root.finish("here", ModelFamily.NONE);
    }

    @Test
    void reportsATypeItDoesNotKnow() throws IOException {
        add("weight", StoredType.I64, 0, 2L);
        Weights root = open();
        Weight standIn = root.take("weight", 2);
        assertThat(standIn.shape().getShape()).containsExactly(2);
        assertThatThrownBy(() -> root.finish("here", ModelFamily.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("here does not fit its config.json (1 problem): weight is stored as I64, expected F64, F32,"
                        + " F16 or BF16 (" + folder.resolve("weights.safetensors") + ")");
    }

    @Test
    void reportsATypeThatNoCheckpointReaderKnows() throws IOException {
        String header = "{\"a.weight\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,2]},"
                + "\"b.weight\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Path file = java.nio.file.Files.write(folder.resolve("new.safetensors"), bytes.array());
        checkpoint = Checkpoint.open(file);
        Weights root = Weights.of(checkpoint, scope, Precision.FLOAT32);
        root.at("a").tie(root.at("b"), "weight");
        Weights other = Weights.of(checkpoint, scope, Precision.FLOAT32);
        other.at("a").take("weight", 2);
        for (Weights weights : List.of(root, other)) {
            assertThatThrownBy(() -> weights.finish("here", ModelFamily.NONE))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("a.weight")
                    .hasMessageContaining("F99");
        }
    }

    @Test
    void findsTheFormatOfTheFirstTensorThatIsComputedWith() throws IOException {
        add("a", StoredType.I64, 0, 2L);
        open();
        assertThat(StoredArrays.firstPrecision(checkpoint)).isEqualTo(Precision.FLOAT32);
        add("b", StoredType.BF16, 0, 2L);
        open();
        assertThat(StoredArrays.firstPrecision(checkpoint)).isEqualTo(Precision.BFLOAT16);
    }
}
