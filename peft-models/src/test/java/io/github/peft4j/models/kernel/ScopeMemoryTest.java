package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory of arrays made from Java values. */
class ScopeMemoryTest {

    /** The engine wraps the memory that Java values were put into, and only the first handle keeps Java from freeing it. */
    @Test
    void keepsValuesAsLongAsAnyHandleOnThemLives() {
        try (Scope scope = Scope.open(Device.cpu())) {
            List<NDArray> longs = new ArrayList<>();
            List<NDArray> floats = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                try (NDArray numbers = scope.longs(1, 2, 3, 4);
                        NDArray more = scope.longs(new int[] {1, 2, 3, 4});
                        NDArray values = scope.floats(new float[] {1, 2, 3, 4}, 2, 2)) {
                    longs.add(scope.alias(numbers));
                    longs.add(scope.kernels().narrow(more, 0, 0, 4));
                    floats.add(scope.kernels().reshape(values, 4));
                }
            }
            for (int i = 0; i < 20; i++) {
                System.gc();
                List<ByteBuffer> others = new ArrayList<>();
                for (int j = 0; j < 500; j++) {
                    ByteBuffer other = ByteBuffer.allocateDirect(16 + j % 40);
                    while (other.hasRemaining()) {
                        other.put((byte) 0x55);
                    }
                    others.add(other);
                }
                assertThat(others).noneMatch(ByteBuffer::hasRemaining);
            }
            longs.forEach(array -> assertThat(array.toLongArray()).containsExactly(1, 2, 3, 4));
            floats.forEach(array -> assertThat(array.toFloatArray()).containsExactly(1, 2, 3, 4));
        }
    }
}
