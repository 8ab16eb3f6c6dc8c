package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arrays over bytes where they lie. */
abstract class MappedArrayContract extends OnDevice {

    MappedArrayContract(Device device) {
        super(device);
    }

    /** The values 1.5, -2 and 3 in a format, at a byte offset that is not zero, with other bytes around them. */
    static ByteBuffer embedded(Precision precision, int offset) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.put((byte) 0x7f);
        }
        for (int i = 0; i < 3; i++) {
            int at = offset + i * precision.bytes();
            switch (precision) {
                case FLOAT32 -> bytes.putFloat(at, new float[] {1.5f, -2, 3}[i]);
                case BFLOAT16 -> bytes.putShort(at, (short) new int[] {0x3fc0, 0xc000, 0x4040}[i]);
                case FLOAT16 -> bytes.putShort(at, (short) new int[] {0x3e00, 0xc000, 0x4200}[i]);
                default -> throw new AssertionError(precision);
            }
        }
        return bytes.position(offset).limit(offset + 3 * precision.bytes());
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void valuesAreReadFromTheBuffersPositionOn(Precision precision) {
        ByteBuffer bytes = embedded(precision, 8);
        NDArray mapped = scope.mapped(bytes, precision, 3, 1);
        assertThat(mapped.getShape()).isEqualTo(new Shape(3, 1));
        assertThat(k.precision(mapped)).isEqualTo(precision);
        assertThat(k.toFloats(mapped)).containsExactly(1.5f, -2, 3);
        assertThat(bytes.position()).isEqualTo(8);
        assertThat(bytes.limit()).isEqualTo(8 + 3 * precision.bytes());
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aReadOnlyMappingWillDo(Precision precision) {
        ByteBuffer bytes = embedded(precision, 12).asReadOnlyBuffer();
        assertThat(k.toFloats(scope.mapped(bytes, precision, 3))).containsExactly(1.5f, -2, 3);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void onTheCpuTheBytesAreNotCopied(Precision precision) {
        ByteBuffer bytes = embedded(precision, 4);
        NDArray mapped = scope.mapped(bytes, precision, 3);
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            bytes.put(i, (byte) 0);
        }
        boolean copied = scope.device().isGpu();
        assertThat(k.toFloats(mapped)).containsExactly(copied ? new float[] {1.5f, -2, 3} : new float[3]);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void anArrayWithoutValuesHasItsShape(Precision precision) {
        NDArray mapped = scope.mapped(ByteBuffer.allocateDirect(0), precision, 0, 3);
        assertThat(mapped.getShape()).isEqualTo(new Shape(0, 3));
        assertThat(k.precision(mapped)).isEqualTo(precision);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void nothingButTheArrayIsLeftInTheScope(Precision precision) {
        int before = scope.liveArrays();
        NDArray mapped = scope.mapped(embedded(precision, 8), precision, 3);
        assertThat(scope.liveArrays()).isEqualTo(before + 1);
        mapped.close();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void buffersThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> scope.mapped(ByteBuffer.allocate(12), Precision.FLOAT32, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an array [3] of float32 needs a direct buffer of 12 bytes, got a heap buffer of 12");
        assertThatThrownBy(() -> scope.mapped(ByteBuffer.allocateDirect(8), Precision.BFLOAT16, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an array [3] of bfloat16 needs a direct buffer of 6 bytes, got 8");
        assertThatThrownBy(() -> scope.mapped(ByteBuffer.allocateDirect(24), Precision.FLOAT32, -2, -3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dimensions must be at least 0, got [-2, -3]");
        assertThatThrownBy(() -> scope.mapped(ByteBuffer.allocateDirect(0), Precision.FLOAT32, 1L << 32, 1L << 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a direct buffer of 73786976294838206464 bytes, got 0");
    }
}
