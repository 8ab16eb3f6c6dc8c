package io.github.peft4j.models.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.pickle.PickleBytes;
import io.github.peft4j.models.checkpoint.internal.pickle.TorchFiles;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Headers as long as the format allows, made to cost as much heap as they can: within the heap that the command has they are read, or refused in one
 * line.
 */
class HeapTest {

    private static final int LONGEST = 99_000_000;

    @TempDir
    Path folder;

    /** Opens a checkpoint, in a process of its own. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (Checkpoint checkpoint = Checkpoint.open(Path.of(arguments[0]))) {
            out.println(checkpoint.names().size() + " tensors");
        } catch (CheckpointException e) {
            out.println("refused: " + e.getMessage());
        }
    }

    private static String opened(Path file) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HeapTest.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // What Java has to say of its own options comes first.
        return said.replaceFirst("^Picked up .*\\R", "");
    }

    /** A file whose header is made of entries, as many as find room. */
    private Path safetensors(int most, IntFunction<String> entry) throws IOException {
        Path file = folder.resolve("a.safetensors");
        long length;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("\0".repeat(Long.BYTES) + "{" + entry.apply(0));
            length = 1 + entry.apply(0).length();
            for (int i = 1; i < most && length < LONGEST; i++) {
                String next = "," + entry.apply(i);
                out.write(next);
                length += next.length();
            }
            out.write("}");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(0, length + 1),
                    0);
        }
        return file;
    }

    private static String tensor(String name) {
        return '"' + name + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    }

    @Test
    void asManyTensorsAsAreAcceptedAreReadWhateverTheirNames() throws IOException {
        String stem = "x".repeat(180);
        Path file = safetensors(390_000, i -> tensor(stem + i));
        assertThat(Files.size(file)).isGreaterThan(90_000_000);
        assertThat(opened(file)).isEqualTo("390000 tensors\n");
    }

    @Test
    void moreTensorsAreRefused() throws IOException {
        assertThat(opened(safetensors(Integer.MAX_VALUE, i -> tensor("" + i))))
                .startsWith("refused: ")
                .contains("the header has more than 400000 keys");
    }

    @Test
    void aNameThatFillsTheHeaderIsRefused() throws IOException {
        assertThat(opened(safetensors(1, i -> tensor("x".repeat(LONGEST))))).startsWith("refused: ");
    }

    @Test
    void aTextThatFillsTheHeaderIsRefused() throws IOException {
        assertThat(opened(safetensors(1, i -> "\"__metadata__\":{\"a\":\"" + "x".repeat(LONGEST) + "\"}")))
                .startsWith("refused: ");
    }

    @Test
    void manyTextsThatFillTheHeaderAreRefused() throws IOException {
        Path file = safetensors(
                Integer.MAX_VALUE, i -> (i == 0 ? "\"__metadata__\":{" : "") + "\"" + i + "\":\"\u00e9\u00e9\u00e9\"");
        assertThat(opened(file)).startsWith("refused: ");
    }

    @Test
    void anIndexOfTooManyTensorsIsRefused() throws IOException {
        Path file = folder.resolve("model.safetensors.index.json");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("{\"weight_map\":{\"0\":\"a\"");
            for (int i = 1; i < 5_000_000; i++) {
                out.write(",\"" + i + "\":\"a\"");
            }
            out.write("}}");
        }
        assertThat(opened(file)).startsWith("refused: ").contains("weight_map has more than 400000 keys");
    }

    @Test
    void aPickleThatBuildsAsManyContainersAsItMayIsRefused() throws IOException {
        for (String opcode : new String[] {"}", "\u008f", "(", "]", "]\u0094"}) {
            byte[] pickle = PickleBytes.start()
                    .ops(opcode.repeat(3_000_000 / opcode.length()))
                    .stop();
            Path file = TorchFiles.of(pickle, 4).write(folder.resolve("a.bin"));
            assertThat(opened(file)).startsWith("refused: ").contains("takes more than 2000000 steps to read");
        }
    }
}
