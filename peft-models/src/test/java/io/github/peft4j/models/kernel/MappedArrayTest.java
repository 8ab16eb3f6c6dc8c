package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MappedArrayTest extends MappedArrayContract {

    MappedArrayTest() {
        super(Device.cpu());
    }

    private record Mapped(NDArray array, WeakReference<ByteBuffer> bytes) {}

    private Mapped mapped(Precision precision) {
        ByteBuffer bytes = embedded(precision, 8);
        return new Mapped(scope.mapped(bytes, precision, 3), new WeakReference<>(bytes));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void theBytesStayReachableWhileTheArrayIsOpen(Precision precision) throws InterruptedException {
        Mapped mapped = mapped(precision);
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(5);
        }
        assertThat(mapped.bytes().get()).isNotNull();
        assertThat(k.toFloats(mapped.array())).containsExactly(1.5f, -2, 3);
        mapped.array().close();
        for (int i = 0; i < 100 && mapped.bytes().get() != null; i++) {
            System.gc();
            Thread.sleep(5);
        }
        assertThat(mapped.bytes().get()).isNull();
    }
}
