package io.github.peft4j.models.nn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredArraysInPiecesTest {

    private static final float[] VALUES = {
        0, 1, -2, 0.5f, 4, 5, 6, -7, 8, 9, 10, 11, 12, 13, 14, 0.25f, 16, 17, 18, 19, 20
    };

    @TempDir
    Path folder;

    /** Writing and reading in ranges of rows, whatever their size, gives the array again. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void writesAndReadsArraysInPiecesOfAnySize(Precision stored) throws IOException {
        Path file = folder.resolve("array.safetensors");
        try (Scope scope = Scope.open(Device.cpu())) {
            Kernels k = scope.kernels();
            NDArray array = k.cast(scope.floats(VALUES, 7, 3), stored);
            for (long chunk : new long[] {1, 7, 12, 25, 1000}) {
                SafetensorsWriter.write(file, Map.of(), List.of(StoredArrays.source("x", array, k, chunk)));
                try (Checkpoint checkpoint = Checkpoint.open(file)) {
                    assertThat(checkpoint.info("x").type()).isEqualTo(StoredArrays.type(stored));
                    for (Precision wanted : Precision.values()) {
                        NDArray read = StoredArrays.read(checkpoint, "x", scope, wanted, chunk);
                        assertThat(k.precision(read)).isEqualTo(wanted);
                        assertThat(read.getShape().getShape()).containsExactly(7, 3);
                        assertThat(k.toFloats(read)).as("chunk " + chunk).isEqualTo(VALUES);
                    }
                }
            }
        }
    }

    @Test
    void writesViewsRowByRow() throws IOException {
        Path file = folder.resolve("view.safetensors");
        try (Scope scope = Scope.open(Device.cpu());
                NDArray view = scope.kernels().transpose(scope.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))) {
            SafetensorsWriter.write(file, Map.of(), List.of(StoredArrays.source("x", view, scope.kernels())));
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                NDArray read = StoredArrays.read(checkpoint, "x", scope, Precision.FLOAT32);
                assertThat(read.getShape().getShape()).containsExactly(3, 2);
                assertThat(read.toFloatArray()).containsExactly(1, 4, 2, 5, 3, 6);
            }
        }
    }

    /** Numbers of 64 bits come as torch converts them: to the nearest float32, and what is too large to infinity. */
    @ParameterizedTest
    @ValueSource(longs = {1, 16, 1000})
    void readsDoublesAsTheNearestFloats(long chunk) throws IOException {
        double[] values = {0.1, -1e-300, 16777217, Math.PI, 1e300, Double.NEGATIVE_INFINITY};
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putDouble(value);
        }
        TensorInfo matrix = new TensorInfo("matrix", StoredType.F64, List.of(3L, 2L));
        TensorInfo scalar = new TensorInfo("scalar", StoredType.F64, List.of());
        Path file = folder.resolve("doubles.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(),
                List.of(
                        TensorSource.of(matrix, bytes.flip()),
                        TensorSource.of(
                                scalar,
                                bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(8))));
        try (Scope scope = Scope.open(Device.cpu());
                Checkpoint checkpoint = Checkpoint.open(file)) {
            NDArray read = StoredArrays.read(checkpoint, "matrix", scope, Precision.FLOAT32, chunk);
            assertThat(read.getShape().getShape()).containsExactly(3, 2);
            assertThat(read.toFloatArray())
                    .containsExactly(
                            0.1f, -0f, 16777216, (float) Math.PI, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
            assertThat(StoredArrays.read(checkpoint, "scalar", scope, Precision.FLOAT32, chunk)
                            .toFloatArray())
                    .containsExactly(0.1f);
        }
    }

    @Test
    void refusesTypesThatModelsDoNotComputeIn() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        TensorInfo info = new TensorInfo("x", StoredType.I64, List.of(2L));
        SafetensorsWriter.write(file, Map.of(), List.of(TensorSource.of(info, ByteBuffer.allocate(16))));
        try (Scope scope = Scope.open(Device.cpu());
                Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThatThrownBy(() -> StoredArrays.read(checkpoint, "x", scope, Precision.FLOAT32))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("x is stored as I64, expected F64, F32, F16 or BF16 (" + file + ")");
        }
    }
}
