package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeMemoryTest {

    private static final int SIZE = 1 << 16;

    @Test
    void anAliasKeepsItsValuesWhenTheFirstHandleIsClosedAndJavaCollectsGarbage() throws Exception {
        try (Scope scope = Scope.open(Device.cpu())) {
            long[] values = new long[SIZE];
            java.util.Arrays.setAll(values, i -> i);
            List<NDArray> aliases = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                try (NDArray first = scope.longs(values)) {
                    aliases.add(scope.alias(first));
                }
            }
            List<ByteBuffer> others = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                System.gc();
                Thread.sleep(20);
                for (int i = 0; i < 20; i++) {
                    others.add(ByteBuffer.allocateDirect(Long.BYTES * SIZE).putLong(0, -1));
                }
            }
            assertThat(others).hasSize(100);
            for (NDArray alias : aliases) {
                assertThat(alias.toLongArray()).isEqualTo(values);
            }
        }
    }
}
