package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors that reach beyond their storage, and storages beyond their archive. */
class HostileStorageTest extends HostilePickleCase {

    @ParameterizedTest(name = "size {1} strides {2} offset {0}")
    @MethodSource("views")
    void refusesAViewThatDoesNotFitItsStorage(long offset, long[] size, long[] strides) {
        byte[] pickle =
                PickleBytes.start().tensor("0", 4, offset, size, strides).stop();
        assertThatThrownBy(() -> load(pickle))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("damaged pickle at byte");
    }

    static Stream<Arguments> views() {
        long max = Long.MAX_VALUE;
        return Stream.of(
                Arguments.of(0L, new long[] {5}, ONE),
                Arguments.of(1L, FOUR, ONE),
                Arguments.of(-1L, FOUR, ONE),
                Arguments.of(4L, ONE, ONE),
                Arguments.of(5L, new long[] {0}, ONE),
                Arguments.of(0L, new long[] {2}, new long[] {4}),
                Arguments.of(3L, new long[] {2}, new long[] {-1}),
                Arguments.of(0L, new long[] {-4}, ONE),
                Arguments.of(0L, new long[] {-2, -2}, new long[] {2, 1}),
                Arguments.of(0L, new long[] {2, 2}, new long[] {2}),
                Arguments.of(0L, new long[] {2}, new long[] {max}),
                Arguments.of(max, ONE, ONE),
                Arguments.of(1L, new long[] {2, 2}, new long[] {max, max}),
                Arguments.of(0L, new long[] {1L << 31, 1L << 31}, new long[] {0, 0}),
                Arguments.of(0L, new long[] {1L << 62, 0}, new long[] {0, 1}),
                Arguments.of(0L, new long[] {1_000_000_000}, new long[] {0}),
                Arguments.of(0L, new long[65], new long[65]));
    }

    @Test
    void refusesALazilyNegatedTensor() {
        byte[] pickle = PickleBytes.start()
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("torch.FloatStorage", "0", 4)
                .number(0)
                .tuple(4)
                .tuple(1)
                .op(0x89, '}', '}')
                .text("neg")
                .op(0x88, 's', 't', 'R')
                .stop();
        assertThatThrownBy(() -> load(pickle)).hasMessageContaining("refused a tensor with metadata");
    }

    @Test
    void refusesToReadOneStorageThroughAnother() throws IOException {
        byte[] pickle = PickleBytes.start()
                .op('}')
                .text("w")
                .tensor("0", 1 << 20, 0, new long[] {1 << 20}, ONE)
                .op('s')
                .stop();
        Path file = TorchFiles.of(pickle, 64).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": the storage \"0\" is too short: expected 4194304 bytes, found 64");
    }

    @Test
    void refusesAStorageWhoseNameLeavesItsFolder() throws IOException {
        byte[] pickle = PickleBytes.start()
                .op('}')
                .text("w")
                .tensor("../data.pkl", 4, 0, FOUR, ONE)
                .op('s')
                .stop();
        Path file = TorchFiles.of(pickle, 64).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": the storage \"../data.pkl\" is missing from the archive");
    }
}
