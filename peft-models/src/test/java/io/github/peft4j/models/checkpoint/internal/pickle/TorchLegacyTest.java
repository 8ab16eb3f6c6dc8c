package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLegacyTest {

    private static final byte[] MAGIC = PickleBytes.start()
            .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .stop();

    private static final byte[] VERSION = PickleBytes.start().op('M', 0xe9, 3).stop();

    private static final byte[] LITTLE = system(0x88);

    private static final byte[] STATE = state("7", 2);

    private static final byte[] KEYS =
            PickleBytes.start().op(']').text("7").op('a').stop();

    @TempDir
    Path folder;

    @Test
    void readsStoragesAfterThePickles() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file(MAGIC, VERSION, LITTLE, STATE, KEYS, data(2, 8)))) {
            ByteBuffer bytes = checkpoint.bytes("w");
            assertThat(new float[] {bytes.getFloat(), bytes.getFloat()}).containsExactly(0.5f, 1.5f);
        }
    }

    @Test
    void refusesAPickleOfSomethingElse() throws IOException {
        assertRefused(
                "expected PyTorch's magic number, found a number",
                PickleBytes.start().number(5).stop());
        assertRefused(
                "expected the PyTorch file version 1001, found 5",
                MAGIC,
                PickleBytes.start().number(5).stop());
        assertRefused(
                "version 1001, found None", MAGIC, PickleBytes.start().ops("N").stop());
    }

    @Test
    void refusesAHostileGlobalAnywhere() throws IOException {
        byte[] evil = PickleBytes.start()
                .global("os", "system")
                .text("x")
                .op(0x85, 'R')
                .stop();
        assertRefused("refused global os.system in ", evil);
        assertRefused("refused global os.system in ", MAGIC, evil);
        assertRefused("refused global os.system in ", MAGIC, VERSION, evil);
        assertRefused("refused global os.system in ", MAGIC, VERSION, LITTLE, evil);
        assertRefused("refused global os.system in ", MAGIC, VERSION, LITTLE, STATE, evil);
    }

    @Test
    void refusesBigEndianFiles() throws IOException {
        assertRefused("was not written on a little-endian machine", MAGIC, VERSION, system(0x89));
        assertRefused(
                "was not written on a little-endian machine",
                MAGIC,
                VERSION,
                PickleBytes.start().ops("}").stop());
    }

    @Test
    void saysExpectedAndFoundBytesWhenAStorageIsCutOff() throws IOException {
        Path file = file(MAGIC, VERSION, LITTLE, STATE, KEYS, data(2, 7));
        long size = Files.size(file);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + " is truncated: expected at least " + (size + 1) + " bytes, found " + size
                        + "; copy or download the file again");
    }

    @Test
    void refusesAStorageOfAnotherLength() throws IOException {
        assertRefused("has 3 elements, expected 2", MAGIC, VERSION, LITTLE, STATE, KEYS, data(3, 12));
    }

    @Test
    void refusesKeysThatDoNotMatchTheTensors() throws IOException {
        byte[] other = PickleBytes.start().op(']').text("8").op('a').stop();
        assertRefused("belongs to no tensor", MAGIC, VERSION, LITTLE, STATE, other, data(2, 8));
        assertRefused(
                "belongs to no tensor",
                MAGIC,
                VERSION,
                LITTLE,
                STATE,
                PickleBytes.start().ops("]Na").stop());
        assertRefused(
                "the storage \"7\" is missing",
                MAGIC,
                VERSION,
                LITTLE,
                STATE,
                PickleBytes.start().ops("]").stop());
        assertRefused(
                "expected a list of storage keys",
                MAGIC,
                VERSION,
                LITTLE,
                STATE,
                PickleBytes.start().ops("N").stop());
    }

    @Test
    void refusesOneStorageDescribedInTwoWays() throws IOException {
        byte[] state = PickleBytes.start()
                .ops("}(")
                .text("a")
                .tensor("7", 2, 0, new long[] {2}, new long[] {1})
                .text("b")
                .tensor("7", 3, 0, new long[] {2}, new long[] {1})
                .ops("u")
                .stop();
        assertRefused("is described in two ways: 8 and 12 bytes", MAGIC, VERSION, LITTLE, state, KEYS, data(2, 8));
    }

    @Test
    void refusesAStorageThatWouldReachBeyondAnyFile() throws IOException {
        byte[] state = state("7", Long.MAX_VALUE / 4);
        assertRefused(
                "is truncated: expected at least 9223372036854775807 bytes",
                MAGIC,
                VERSION,
                LITTLE,
                state,
                KEYS,
                data(2, 8));
    }

    private void assertRefused(String message, byte[]... parts) throws IOException {
        Path file = file(parts);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
    }

    private Path file(byte[]... parts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return Files.write(folder.resolve("a.bin"), out.toByteArray());
    }

    private static byte[] state(String key, long elements) {
        return PickleBytes.start()
                .op('}')
                .text("w")
                .tensor(key, elements, 0, new long[] {2}, new long[] {1})
                .op('s')
                .stop();
    }

    private static byte[] system(int truth) {
        return PickleBytes.start().op('}').text("little_endian").op(truth, 's').stop();
    }

    private static byte[] data(long elements, int bytes) {
        ByteBuffer out = ByteBuffer.allocate(8 + 16).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(elements).putFloat(0.5f).putFloat(1.5f);
        return Arrays.copyOf(out.array(), 8 + bytes);
    }
}
