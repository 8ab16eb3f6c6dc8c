package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles written to run code, to exhaust memory or to read what is not theirs. */
class HostilePickleTest extends HostilePickleCase {

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "subprocess, Popen",
        "builtins, eval",
        "builtins, exec",
        "__builtin__, getattr",
        "builtins, __import__",
        "_codecs, encode",
        "functools, partial",
        "operator, attrgetter",
        "runpy, _run_code",
        "torch, load",
        "torch.serialization, load",
        "torch._utils, _rebuild_from_type_v2",
        "torch._utils, _rebuild_wrapper_subclass",
        "torch._tensor, _rebuild_from_type_v2",
        "torch.hub, load",
        "torch.jit, load",
        "collections, Counter",
        "collections, ordereddict",
        "numpy.core.multiarray, _reconstruct",
        "torch, ''",
        "'', ''"
    })
    void refusesEveryOtherGlobalByName(String module, String name) throws IOException {
        byte[] pickle = PickleBytes.start()
                .text("padding")
                .global(module, name)
                .text("touch x")
                .op(0x85, 'R')
                .stop();
        String refusal = "refused global " + module + "." + name + " in " + NAME + " at byte 14: ";
        assertThatThrownBy(() -> load(pickle))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(refusal)
                .hasMessageEndingWith("so nothing of it was loaded");
        byte[] stackGlobal =
                PickleBytes.start().text(module).text(name).op(0x93).stop();
        assertThatThrownBy(() -> load(stackGlobal))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("refused global " + module + "." + name + " in ");
        Path file = TorchFiles.of(pickle, 4).write(folder.resolve("pytorch_model.bin"));
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("refused global " + module + "." + name + " in " + file);
    }

    @Test
    void refusesAGlobalInTheMiddleOfAnHonestCheckpoint() {
        byte[] pickle = PickleBytes.start()
                .ops("}(")
                .text("w")
                .tensor("0", 4, 0, FOUR, ONE)
                .text("x")
                .global("os", "system")
                .text("touch owned")
                .op(0x85, 'R', 'u')
                .stop();
        assertThatThrownBy(() -> load(pickle))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("refused global os.system in pytorch_model.bin at byte ");
        assertThat(Path.of("owned")).doesNotExist();
    }

    @Test
    void showsAHostileNameOnOneLineAndShortened() {
        byte[] pickle = PickleBytes.start()
                .text("a\u001b[31m\n" + "b".repeat(10_000))
                .text("c")
                .op(0x93)
                .stop();
        assertThatThrownBy(() -> load(pickle))
                .hasMessageStartingWith("refused global a\\u001b[31m\\u000abbb")
                .hasMessageContaining(" characters left out ... ")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"refusals", "damages"})
    void refuses(String message, byte[] pickle) {
        assertThatThrownBy(() -> load(pickle))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(NAME.toString());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "refused the opcode INST",
                        pickle().ops("(ios\nsystem\n").stop()),
                Arguments.of("refused the opcode OBJ", pickle().ops("(o").stop()),
                Arguments.of(
                        "refused the opcode NEWOBJ",
                        pickle().global("collections", "OrderedDict")
                                .op(')', 0x81)
                                .stop()),
                Arguments.of(
                        "refused the opcode NEWOBJ_EX",
                        pickle().global("collections", "OrderedDict")
                                .op(')', '}', 0x92)
                                .stop()),
                Arguments.of("refused the opcode EXT1", pickle().op(0x82, 1).stop()),
                Arguments.of("refused the opcode EXT2", pickle().op(0x83, 1, 0).stop()),
                Arguments.of(
                        "refused the opcode EXT4", pickle().op(0x84, 1, 0, 0, 0).stop()),
                Arguments.of(
                        "refused the opcode PERSID", pickle().ops("Pstorage\n").stop()),
                Arguments.of(
                        "refused the opcode BINBYTES",
                        pickle().op('B', 0, 0, 0, 0).stop()),
                Arguments.of(
                        "refused the opcode SHORT_BINBYTES", pickle().op('C', 0).stop()),
                Arguments.of("refused the opcode BYTEARRAY8", pickle().op(0x96).stop()),
                Arguments.of("refused the opcode NEXT_BUFFER", pickle().op(0x97).stop()),
                Arguments.of("there is no opcode 255", pickle().op(255).stop()),
                Arguments.of(
                        "refused a call of text", pickle().text("f").ops(")R").stop()),
                Arguments.of("refused a call of a mapping", pickle().ops("})R").stop()),
                Arguments.of(
                        "refused a call of torch.FloatStorage",
                        pickle().global("torch", "FloatStorage").ops(")R").stop()),
                Arguments.of(
                        "refused a call of torch.float32",
                        pickle().global("torch", "float32").ops(")R").stop()),
                Arguments.of(
                        "refused a call of collections.OrderedDict",
                        pickle().global("collections", "OrderedDict").ops("]R").stop()),
                Arguments.of("refused a BUILD of a list", pickle().ops("]}b").stop()),
                Arguments.of("refused a BUILD of a mapping", pickle().ops("}]b").stop()),
                Arguments.of(
                        "refused a BUILD of a tensor",
                        pickle().tensor("0", 4, 0, FOUR, ONE).ops("}b").stop()),
                Arguments.of(
                        "persistent id that is not a storage",
                        pickle().text("0").ops("Q").stop()),
                Arguments.of(
                        "persistent id that is not a storage",
                        pickle().ops(")Q").stop()),
                Arguments.of(
                        "persistent id that is not a storage",
                        pickle().ops("(")
                                .text("module")
                                .global("torch", "FloatStorage")
                                .text("0")
                                .text("cpu")
                                .number(1)
                                .ops("tQ")
                                .stop()),
                Arguments.of(
                        "a storage cannot have -1 elements",
                        pickle().storage("torch.FloatStorage", "0", -1).stop()),
                Arguments.of(
                        "a storage cannot have 9223372036854775807 elements",
                        pickle().storage("torch.FloatStorage", "0", Long.MAX_VALUE)
                                .stop()));
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                Arguments.of("the stack is empty", pickle().stop()),
                Arguments.of("the stack is empty", pickle().ops("0").stop()),
                Arguments.of(
                        "expected 1 values on the stack, found 0",
                        pickle().ops("a").stop()),
                Arguments.of(
                        "expected 3 values on the stack, found 2",
                        pickle().ops("))").op(0x87).stop()),
                Arguments.of("there is no mark", pickle().ops("t").stop()),
                Arguments.of("the stack is empty", pickle().ops("((t0e").stop()),
                Arguments.of(
                        "there is nothing in the memo at 7", pickle().op('h', 7).stop()),
                Arguments.of(
                        "there is nothing in the memo at -1",
                        pickle().ops("g-1\n").stop()),
                Arguments.of("expected a memo index", pickle().ops(")px\n").stop()),
                Arguments.of(
                        "expected a pickle protocol up to 5, found 6",
                        new PickleBytes().op(0x80, 6).stop()),
                Arguments.of(
                        "expected a mapping to put items into",
                        pickle().ops("]))s").stop()),
                Arguments.of(
                        "expected text or a number as a key, found a list",
                        pickle().ops("}))s").stop()),
                Arguments.of(
                        "expected a value for each key", pickle().ops("}(Nu").stop()),
                Arguments.of(
                        "expected a list, found a mapping", pickle().ops("}Na").stop()),
                Arguments.of(
                        "expected a set to add items to",
                        pickle().op(']', '(', 'N', 0x90).stop()),
                Arguments.of(
                        "as a key, found a list",
                        pickle().op(0x8f, '(', ']', 0x90).stop()),
                Arguments.of(
                        "expected a global's module and name to be text",
                        pickle().op('N', 'N', 0x93).stop()),
                Arguments.of(
                        "expected an integer of at most 16 bytes, found 200",
                        pickle().op(0x8a, 200).stop()),
                Arguments.of(
                        "expected an integer of at most 16 bytes, found 4294967295",
                        pickle().op(0x8b).int32(-1).stop()),
                Arguments.of(
                        "expected an integer, found",
                        pickle().ops("L" + "9".repeat(1000) + "L\n").stop()),
                Arguments.of(
                        "expected an integer, found", pickle().ops("I1.5\n").stop()),
                Arguments.of("expected a number, found", pickle().ops("Fabc\n").stop()),
                Arguments.of(
                        "expected a plain quoted text",
                        pickle().ops("S'a\\x41'\n").stop()),
                Arguments.of("the bad escape", pickle().ops("Va\\u12\n").stop()),
                Arguments.of("the bad escape", pickle().ops("Va\\U99999999\n").stop()),
                Arguments.of("not valid UTF-8", pickle().op('U', 1, 0xff).stop()),
                Arguments.of(
                        "expected a line end, found none in the 2 bytes left",
                        pickle().ops("cos").unfinished()),
                Arguments.of(
                        "OrderedDict is called with 2 arguments",
                        orderedDict().ops("(]]tR").stop()),
                Arguments.of(
                        "expected pairs of a key and a value",
                        orderedDict().ops("(]((ttatR").stop()));
    }

    private static PickleBytes pickle() {
        return PickleBytes.start();
    }

    private static PickleBytes orderedDict() {
        return PickleBytes.start().global("collections", "OrderedDict");
    }

    @ParameterizedTest(name = "text of length {0}")
    @CsvSource({"X, 4", "T, 4"})
    void doesNotReserveMemoryForTextThatIsNotThere(char opcode, int lengthBytes) {
        byte[] pickle = PickleBytes.start().op(opcode).int32(-1).ops("abc").unfinished();
        assertThatThrownBy(() -> load(pickle))
                .hasMessageContaining("it is truncated: expected 4294967295 more bytes, found 3");
        byte[] wide = PickleBytes.start().op(0x8d).int64(-1).ops("abc").unfinished();
        assertThatThrownBy(() -> load(wide)).hasMessageContaining("expected 18446744073709551615 more bytes, found 3");
    }
}
