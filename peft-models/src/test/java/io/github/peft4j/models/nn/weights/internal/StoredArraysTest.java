package io.github.peft4j.models.nn.weights.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class StoredArraysTest {

    @TempDir
    private Path folder;

    private Scope scope;
    private Kernels k;

    @BeforeEach
    void open() {
        scope = Scope.open(Device.cpu());
        k = scope.kernels();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Checkpoint written(TensorSource... tensors) throws IOException {
        Path file = folder.resolve("x.safetensors");
        AtomicWrite.toFile(file, channel -> SafetensorsWriter.write(channel, Map.of(), List.of(tensors)));
        return Checkpoint.open(file);
    }

    /** Random values that all formats have exactly. */
    private static float[] values(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextInt(255) - 127) / 64f;
        }
        return values;
    }

    private NDArray array(Precision precision, float[] values, long... shape) {
        try (NDArray floats = scope.floats(values, shape)) {
            return k.cast(floats, precision);
        }
    }

    static Stream<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (Precision stored : Precision.values()) {
            for (Precision wanted : Precision.values()) {
                for (long chunk : new long[] {1, 24, 50, 1 << 20}) {
                    pairs.add(Arguments.of(stored, wanted, chunk));
                }
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest(name = "{0} as {1} in pieces of {2} bytes")
    @MethodSource("pairs")
    void anArrayComesBackAsItWasInEveryFormatAndInPiecesOfAnySize(Precision stored, Precision wanted, long chunk)
            throws IOException {
        float[] values = values(42);
        try (NDArray array = array(stored, values, 7, 2, 3);
                Checkpoint file = written(StoredArrays.source("a", array, k, chunk))) {
            assertThat(file.info("a")).isEqualTo(new TensorInfo("a", StoredArrays.type(stored), List.of(7L, 2L, 3L)));
            try (NDArray read = StoredArrays.read(file, "a", scope, wanted, chunk)) {
                assertThat(k.precision(read)).isEqualTo(wanted);
                assertThat(read.getShape().getShape()).containsExactly(7, 2, 3);
                assertThat(k.toFloats(read)).containsExactly(values);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void whatIsReadIsACopyThatMayBeChangedAndOutlivesTheFile(Precision precision) throws IOException {
        NDArray read;
        try (NDArray array = array(precision, values(6), 6);
                Checkpoint file = written(StoredArrays.source("a", array, k))) {
            read = StoredArrays.read(file, "a", scope, precision);
        }
        k.scaleInto(read, 2);
        try (NDArray twice = k.scale(read, 0.5)) {
            assertThat(k.toFloats(twice)).containsExactly(values(6));
        }
    }

    @Test
    void aViewIsWrittenRowByRow() throws IOException {
        float[] values = values(12);
        float[] turned = new float[12];
        for (int i = 0; i < 12; i++) {
            turned[i % 4 * 3 + i / 4] = values[i];
        }
        for (long chunk : new long[] {8, 1 << 20}) {
            try (NDArray array = scope.floats(values, 3, 4);
                    NDArray view = k.transpose(array);
                    Checkpoint file = written(StoredArrays.source("a", view, k, chunk));
                    NDArray read = StoredArrays.read(file, "a", scope, Precision.FLOAT32)) {
                assertThat(k.toFloats(read)).containsExactly(turned);
            }
        }
    }

    @Test
    void aScalarAndAnEmptyArrayAreArraysToo() throws IOException {
        try (NDArray vector = scope.floats(new float[] {1.5f}, 1);
                NDArray scalar = k.reshape(vector);
                NDArray empty = scope.zeros(Precision.FLOAT32, 0, 3);
                Checkpoint file =
                        written(StoredArrays.source("scalar", scalar, k), StoredArrays.source("empty", empty, k))) {
            try (NDArray read = StoredArrays.read(file, "scalar", scope, Precision.BFLOAT16);
                    NDArray none = StoredArrays.read(file, "empty", scope, Precision.FLOAT32)) {
                assertThat(read.getShape().dimension()).isZero();
                assertThat(k.toFloats(read)).containsExactly(1.5f);
                assertThat(none.getShape().getShape()).containsExactly(0, 3);
            }
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        try (NDArray array = array(Precision.BFLOAT16, values(42), 7, 6)) {
            int live = scope.liveArrays();
            try (Checkpoint file = written(StoredArrays.source("a", array, k, 30))) {
                StoredArrays.read(file, "a", scope, Precision.FLOAT32, 30).close();
                StoredArrays.read(file, "a", scope, Precision.FLOAT32).close();
            }
            assertThat(scope.liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void numbersThatModelsDoNotComputeInAreRefused() throws IOException {
        TensorInfo info = new TensorInfo("n", StoredType.I64, List.of(1L));
        try (Checkpoint file = written(TensorSource.of(info, ByteBuffer.allocateDirect(8)))) {
            assertThatThrownBy(() -> StoredArrays.read(file, "n", scope, Precision.FLOAT32))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("n is stored as I64, expected F64, F32, F16 or BF16 (" + folder.resolve("x.safetensors")
                            + ")");
        }
    }

    @Test
    void aTensorThatIsNotThereIsRefused() throws IOException {
        try (NDArray array = scope.floats(new float[1], 1);
                Checkpoint file = written(StoredArrays.source("a", array, k))) {
            assertThatThrownBy(() -> StoredArrays.read(file, "b", scope, Precision.FLOAT32))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("\"b\"");
        }
    }

    @Test
    void everyFormatHasItsStoredType() {
        for (Precision precision : Precision.values()) {
            assertThat(StoredArrays.precision(StoredArrays.type(precision))).isEqualTo(precision);
        }
        assertThat(StoredArrays.precision(StoredType.F64)).isEqualTo(Precision.FLOAT32);
        assertThat(StoredArrays.precision(StoredType.I64)).isNull();
    }
}
