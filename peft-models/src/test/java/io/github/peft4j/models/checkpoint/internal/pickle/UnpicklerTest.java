package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UnpicklerTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("literals")
    void readsLiterals(Object expected, byte[] pickle) throws CheckpointException {
        assertThat(load(pickle)).isEqualTo(expected);
    }

    static Stream<Arguments> literals() {
        return Stream.of(
                Arguments.of(PickleNone.NONE, pickle().ops("N").stop()),
                Arguments.of(true, pickle().op(0x88).stop()),
                Arguments.of(false, pickle().op(0x89).stop()),
                Arguments.of(true, pickle().ops("I01\n").stop()),
                Arguments.of(false, pickle().ops("I00\n").stop()),
                Arguments.of(-5L, pickle().ops("I-5\n").stop()),
                Arguments.of(-5L, pickle().number(-5).stop()),
                Arguments.of(200L, pickle().op('K', 200).stop()),
                Arguments.of(65535L, pickle().op('M', 255, 255).stop()),
                Arguments.of(-2L, pickle().op(0x8a, 1, 0xfe).stop()),
                Arguments.of(0L, pickle().op(0x8a, 0).stop()),
                Arguments.of(Long.MIN_VALUE, pickle().number(Long.MIN_VALUE).stop()),
                Arguments.of(258L, pickle().op(0x8b, 2, 0, 0, 0, 2, 1).stop()),
                Arguments.of(
                        new BigInteger("9223372036854775808"),
                        pickle().ops("L9223372036854775808L\n").stop()),
                Arguments.of(12L, pickle().ops("L12L\n").stop()),
                Arguments.of(-2.5, pickle().ops("F-2.5\n").stop()),
                Arguments.of(1.5, pickle().op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0).stop()),
                Arguments.of("é\ud83d\ude00", pickle().text("é\ud83d\ude00").stop()),
                Arguments.of("ab", pickle().op(0x8c, 2).ops("ab").stop()),
                Arguments.of("ab", pickle().op(0x8d).int64(2).ops("ab").stop()),
                Arguments.of("ab", pickle().op('T').int32(2).ops("ab").stop()),
                Arguments.of("ab", pickle().op('U', 2).ops("ab").stop()),
                Arguments.of("ab", pickle().ops("S'ab'\n").stop()),
                Arguments.of("ab", pickle().ops("S\"ab\"\n").stop()),
                Arguments.of(
                        "a\u20ac\\b\ud83d\ude00",
                        pickle().ops("Va\\u20ac\\b\\U0001f600\n").stop()));
    }

    @Test
    void readsContainers() throws CheckpointException {
        byte[] pickle = pickle().ops("](N(I1\nl(I2\nI3\nd")
                .op(0x85, ')', 0x8f, '(', 'N', 0x90, 'e')
                .stop();
        List<?> list = (List<?>) load(pickle);
        assertThat(list).hasSize(5);
        assertThat(list.get(1)).isEqualTo(List.of(1L));
        PickleDict dict = (PickleDict) ((PickleTuple) list.get(2)).items().get(0);
        assertThat(dict.entries()).containsExactly(Map.entry(2L, 3L));
        assertThat(((PickleTuple) list.get(3)).items()).isEmpty();
        assertThat(((PickleSet) list.get(4)).items()).containsExactly(PickleNone.NONE);
    }

    @Test
    void readsStackAndMemo() throws CheckpointException {
        byte[] pickle = pickle().ops("I1\np0\n0I2\nq\1" + "0I3\nr\2\0\0\0" + "0I4\n\u0094" + "0")
                .ops("(I9\n1(g0\nh\1j\2\0\0\0h\3" + "2t")
                .stop();
        assertThat(((PickleTuple) load(pickle)).items()).isEqualTo(List.of(1L, 2L, 3L, 4L, 4L));
    }

    @Test
    void readsFramesOfLaterProtocols() throws CheckpointException {
        byte[] pickle =
                new PickleBytes().op(0x80, 5, 0x95).int64(3).op(0x8c, 1, 'x').stop();
        assertThat(load(pickle)).isEqualTo("x");
    }

    @Test
    void readsTheCallsThatHoldNoTensor() throws CheckpointException {
        byte[] pickle = pickle().ops("(")
                .global("collections", "OrderedDict")
                .ops("(]]I1\naI2\naatR")
                .global("__builtin__", "set")
                .ops("](I1\nI1\ne\u0085R")
                .global("torch", "Size")
                .ops("I3\nI4\n\u0086\u0085R")
                .global("builtins", "frozenset")
                .ops(")R")
                .op('(', 0x91)
                .ops("t")
                .stop();
        List<Object> items = ((PickleTuple) load(pickle)).items();
        assertThat(((PickleDict) items.get(0)).entries()).containsExactly(Map.entry(1L, 2L));
        assertThat(((PickleSet) items.get(1)).items()).containsExactly(1L);
        assertThat(((PickleTuple) items.get(2)).items()).isEqualTo(List.of(3L, 4L));
        assertThat(((PickleSet) items.get(3)).items()).isEmpty();
        assertThat(((PickleSet) items.get(4)).items()).isEmpty();
    }

    @Test
    void readsAParameterOfTheFirstForm() throws CheckpointException {
        byte[] pickle = pickle().global("torch._utils", "_rebuild_parameter")
                .ops("(")
                .global("torch._utils", "_rebuild_tensor")
                .ops("(")
                .storage("torch.HalfStorage", "7", 12)
                .number(2)
                .tuple(5, 2)
                .tuple(2, 1)
                .op('t', 'R', 0x88, '}', 't', 'R')
                .stop();
        PickledTensor tensor = (PickledTensor) load(pickle);
        assertThat(tensor)
                .isEqualTo(new PickledTensor(
                        new StorageReference("7", StoredType.F16, 12),
                        StoredType.F16,
                        2,
                        List.of(5L, 2L),
                        List.of(2L, 1L)));
        assertThat(tensor.isContiguous()).isTrue();
    }

    @Test
    void tellsContiguousFromStrided() {
        assertThat(tensor(List.of(2L, 3L), List.of(3L, 1L)).isContiguous()).isTrue();
        assertThat(tensor(List.of(2L, 3L), List.of(1L, 2L)).isContiguous()).isFalse();
        assertThat(tensor(List.of(1L, 3L, 1L), List.of(77L, 1L, 5L)).isContiguous())
                .isTrue();
        assertThat(tensor(List.of(0L, 3L), List.of(9L, 9L)).isContiguous()).isTrue();
        assertThat(tensor(List.of(3L), List.of(0L)).isContiguous()).isFalse();
        assertThat(tensor(List.of(), List.of()).isContiguous()).isTrue();
    }

    private static PickledTensor tensor(List<Long> size, List<Long> strides) {
        return new PickledTensor(new StorageReference("0", StoredType.F32, 6), StoredType.F32, 0, size, strides);
    }

    private static PickleBytes pickle() {
        return PickleBytes.start();
    }

    private static Object load(byte[] pickle) throws CheckpointException {
        return new Unpickler(new PickleInput(Path.of("a.bin"), ByteBuffer.wrap(pickle))).load();
    }
}
