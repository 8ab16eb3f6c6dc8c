package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchZipTest {

    private static final byte[] PICKLE = PickleBytes.start()
            .op('}')
            .text("w")
            .tensor("0", 4, 0, new long[] {2, 2}, new long[] {2, 1})
            .op('s')
            .stop();

    @TempDir
    Path folder;

    @Test
    void readsAnArchiveWithAFolderOfAnyName() throws IOException {
        Path file = new TorchFiles()
                .add("größe 7/data.pkl", PICKLE)
                .add("größe 7/data/0", new byte[16])
                .add("größe 7/byteorder", "little".getBytes(StandardCharsets.UTF_8))
                .write(folder.resolve("a.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.info("w").shape()).containsExactly(2L, 2L);
            assertThat(checkpoint.inPlace("w")).isTrue();
        }
    }

    @Test
    void readsSixtyFourBitFields() throws IOException {
        Path file = TorchFiles.of(PICKLE, 16).wide().write(folder.resolve("a.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(Fixtures.heap(checkpoint.bytes("w")))
                    .startsWith(0, 1, 2, 3)
                    .hasSize(16);
        }
    }

    @Test
    void readsAnArchiveWithACommentAtItsEnd() throws IOException {
        Path file = TorchFiles.of(PICKLE, 16).write(folder.resolve("a.bin"));
        byte[] bytes = Files.readAllBytes(file);
        byte[] comment = "PK\5\6 and so on".getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer out = ByteBuffer.allocate(bytes.length + comment.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(bytes).put(comment).putShort(bytes.length - 2, (short) comment.length);
        Files.write(file, out.array());
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void readsTensorsAndStorageBeyondFourGibibytes() throws IOException {
        long elements = 1_200_000_000L;
        long columns = 4_000_000L;
        byte[] pickle = PickleBytes.start()
                .ops("}(")
                .text("straight")
                .tensor("0", elements, 0, new long[] {elements / columns, columns}, new long[] {columns, 1})
                .text("transposed")
                .tensor("0", elements, 0, new long[] {columns, elements / columns}, new long[] {1, columns})
                .ops("u")
                .stop();
        Path file = new TorchFiles()
                .add("m/data.pkl", pickle)
                .addHole("m/data/0", elements * 4)
                .wide()
                .write(folder.resolve("a.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.info("straight").byteSize()).isEqualTo(4_800_000_000L);
            assertThat(checkpoint.inPlace("straight")).isTrue();
            assertThat(checkpoint.rows("straight", 299, 300).remaining()).isEqualTo(16_000_000);
            ByteBuffer column = checkpoint.rows("transposed", columns - 1, columns);
            assertThat(column.remaining()).isEqualTo(4 * 300);
            assertThatThrownBy(() -> checkpoint.bytes("transposed"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("read fewer rows at a time");
        }
    }

    @ParameterizedTest
    @CsvSource({"Byte, 1", "Half, 2", "Int, 4", "Double, 8", "ComplexFloat, 8"})
    void transposesElementsOfEveryWidth(String storage, int width) throws IOException {
        byte[] pickle = PickleBytes.start()
                .op('}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor")
                .op('(')
                .storage("torch." + storage + "Storage", "0", 6)
                .number(0)
                .tuple(3, 2)
                .tuple(1, 3)
                .ops("tRs")
                .stop();
        Path file = TorchFiles.of(pickle, 6 * width).write(folder.resolve("a.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            byte[] bytes = Fixtures.heap(checkpoint.bytes("w"));
            int[] order = {0, 3, 1, 4, 2, 5};
            for (int i = 0; i < bytes.length; i++) {
                assertThat(bytes[i]).isEqualTo((byte) (order[i / width] * width + i % width));
            }
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void refusesCompressedEntries() throws IOException {
        Path file = folder.resolve("a.bin");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(PICKLE);
        }
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        file + ": the entry \"archive/data.pkl\" is compressed or encrypted, expected it to be stored"
                                + " as torch.save does; save the model again");
    }

    @Test
    void refusesEncryptedEntries() throws IOException {
        Path file = TorchFiles.of(PICKLE, 16).flags(1).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file)).hasMessageContaining("is compressed or encrypted");
        Path other = TorchFiles.of(PICKLE, 16).method(8).write(folder.resolve("b.bin"));
        assertThatThrownBy(() -> Checkpoint.open(other)).hasMessageContaining("is compressed or encrypted");
    }

    @Test
    void refusesTwoEntriesOfOneName() throws IOException {
        Path file =
                TorchFiles.of(PICKLE, 16).add("archive/data/0", new byte[16]).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("two entries have the name \"archive/data/0\"");
    }

    @Test
    void refusesArchivesThatAreNotCheckpoints() throws IOException {
        Path none = new TorchFiles().add("a/b/data.pkl", PICKLE).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(none))
                .hasMessageContaining("expected one entry data.pkl in a folder, found 0");
        Path two = new TorchFiles()
                .add("a/data.pkl", PICKLE)
                .add("b/data.pkl", PICKLE)
                .write(folder.resolve("b.bin"));
        assertThatThrownBy(() -> Checkpoint.open(two)).hasMessageContaining("in a folder, found 2");
    }

    @Test
    void refusesBigEndianFiles() throws IOException {
        Path file = TorchFiles.of(PICKLE, 16)
                .add("archive/byteorder", "big".getBytes(StandardCharsets.UTF_8))
                .write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": expected the byte order little, found \"big\"");
    }

    @Test
    void refusesAMissingStorage() throws IOException {
        Path file = new TorchFiles().add("archive/data.pkl", PICKLE).write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": the storage \"0\" is missing from the archive");
    }

    @Test
    void refusesAnEntryThatReachesIntoTheTableOfContents() throws IOException {
        Path file = TorchFiles.of(PICKLE, 16).write(folder.resolve("a.bin"));
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer patched = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int central = patched.getInt(bytes.length - 6);
        patched.putInt(central + 20, 100_000).putInt(central + 24, 100_000);
        Files.write(file, bytes);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("does not end before the table of contents");
    }

    /** Tensors that are all of one storage, each of them transposed. */
    private Path shared(int tensors) throws IOException {
        PickleBytes pickle = PickleBytes.start().ops("}(");
        for (int i = 0; i < tensors; i++) {
            pickle.text("w" + i).tensor("0", 1 << 20, 0, new long[] {1 << 10, 1 << 10}, new long[] {1, 1 << 10});
        }
        return new TorchFiles()
                .add("m/data.pkl", pickle.ops("u").stop())
                .addHole("m/data/0", 4 << 20)
                .write(folder.resolve("a.bin"));
    }

    @Test
    void readsTensorsThatShareAStorageAsTiedWeightsDo() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(shared(4))) {
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void refusesViewsThatTakeManyTimesTheFileTogether() throws IOException {
        Path file = shared(50);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file + ": its 50 tensors take 209715200 bytes, expected at most 4 times the ")
                .hasMessageEndingWith("too many of them are views of the same storage");
    }
}
