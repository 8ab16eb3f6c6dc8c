package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PickleCheckpointTest {

    private static final List<String> COPIED = List.of("transposed", "permuted", "every other", "column");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"zip.bin", "zip-protocol4.bin", "legacy.bin"})
    void readsWhatTorchSavedAsSafetensorsHasIt(String fixture) throws CheckpointException {
        try (Checkpoint pickle = Checkpoint.open(Fixtures.path(fixture));
                Checkpoint expected = Checkpoint.open(Fixtures.path("expected.safetensors"))) {
            assertThat(pickle.names()).containsExactlyInAnyOrderElementsOf(expected.names());
            for (String name : expected.names()) {
                assertThat(pickle.info(name)).isEqualTo(expected.info(name));
                assertThat(Fixtures.heap(pickle.bytes(name))).as(name).isEqualTo(Fixtures.heap(expected.bytes(name)));
                assertThat(pickle.bytes(name).isDirect()).isTrue();
                assertThat(pickle.bytes(name).isReadOnly()).isTrue();
            }
            Fixtures.readAll(pickle);
        }
    }

    @Test
    void copiesOnlyWhatDoesNotLieRowMajorInAZipFile() throws CheckpointException {
        Path file = Fixtures.path("zip.bin");
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (String name : checkpoint.names()) {
                assertThat(checkpoint.inPlace(name)).as(name).isEqualTo(!COPIED.contains(name));
                assertThat(checkpoint.source(name)).isEqualTo(file);
            }
        }
    }

    @Test
    void readsRowsOfStridedTensors() throws CheckpointException {
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.path("zip.bin"))) {
            ByteBuffer rows = checkpoint.rows("column", 2, 4);
            assertThat(new float[] {rows.getFloat(), rows.getFloat(), rows.getFloat(), rows.getFloat()})
                    .containsExactly(14, 15, 20, 21);
            ByteBuffer odd = checkpoint.rows("every other", 10, 12);
            assertThat(new float[] {odd.getFloat(), odd.getFloat()}).containsExactly(21, 23);
            assertThat(checkpoint.rows("permuted", 4, 4).remaining()).isZero();
        }
    }

    @Test
    void readsTheStateDictOfAModule() throws CheckpointException {
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.path("module.bin"))) {
            assertThat(checkpoint.names()).containsExactly("0.weight", "0.bias", "1.weight", "1.bias");
            assertThat(checkpoint.bytes("1.bias").getFloat(4)).isEqualTo(3.5f);
        }
    }

    @Test
    void readsTypesThatHaveNoStorageClassOfTheirOwn() throws CheckpointException {
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.path("new-types.bin"))) {
            assertThat(checkpoint.info("w").type()).isEqualTo(StoredType.F8_E4M3);
            assertThat(checkpoint.info("u").type()).isEqualTo(StoredType.U16);
            assertThat(Fixtures.heap(checkpoint.bytes("u"))).containsExactly(1, 0, 1, 0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nested.bin|expected a tensor under \"state_dict\", found a mapping; this is not a plain state dict",
                "with-number.bin|expected a tensor under \"step\", found a number",
                "torchscript.bin|is a TorchScript program, which is never run",
                "whole-module.bin|refused global torch.nn.modules.container.Sequential in "
            })
    void refusesWhatIsNotAPlainStateDict(String fixture, String message) {
        Path file = Fixtures.path(fixture);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
    }

    @Test
    void refusesAFileOfAnotherKind() throws IOException {
        for (String content : new String[] {"", "abc", "version https://git-lfs.github.com/spec/v1"}) {
            Path file = Files.writeString(folder.resolve("pytorch_model.bin"), content);
            assertThatThrownBy(() -> Checkpoint.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }

    @Test
    void canNoLongerBeReadAfterClosing() throws CheckpointException {
        Checkpoint checkpoint = Checkpoint.open(Fixtures.path("zip.bin"));
        ByteBuffer copy = checkpoint.bytes("transposed");
        checkpoint.close();
        assertThat(copy.remaining()).isEqualTo(48);
        assertThatThrownBy(() -> checkpoint.bytes("float32")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> checkpoint.bytes("transposed")).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip.bin", "legacy.bin"})
    void refusesATruncatedFileWhereverItIsCut(String fixture) throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.path(fixture));
        Path file = folder.resolve("cut.bin");
        for (int length = 0; length < whole.length; length += length < 100 ? 1 : 3) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoint.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("truncated")
                    .hasMessageContaining("found");
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void givesNothingButCheckpointExceptionsForFlippedBits(int seed) throws IOException {
        Random random = new Random(seed);
        String fixture = new String[] {"zip.bin", "legacy.bin", "zip-protocol4.bin", "module.bin"}[seed % 4];
        byte[] whole = Files.readAllBytes(Fixtures.path(fixture));
        Path file = folder.resolve("a.bin");
        for (int round = 0; round < 100; round++) {
            byte[] bytes = whole.clone();
            int flips = 1 + random.nextInt(3);
            for (int i = 0; i < flips; i++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
            Throwable thrown = catchThrowable(() -> {
                try (Checkpoint open = Checkpoint.open(file)) {
                    Fixtures.readAll(open);
                }
            });
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(CheckpointException.class);
                assertThat(thrown.getMessage()).doesNotContain("\n").contains(file.toString());
            }
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }
}
