package io.github.peft4j.models.checkpoint.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {

    private static final List<StoredType> TYPES = List.of(StoredType.values());

    private static final TensorInfo BYTES = new TensorInfo("x", StoredType.U8, List.of(5L));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every-type.safetensors",
                "strange-names.safetensors",
                "no-metadata.safetensors",
                "nothing.safetensors"
            })
    void writesTheBytesThatPythonWrites(String fixture) throws IOException {
        Path source = Fixtures.path(fixture);
        Path copy = folder.resolve("copy.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(source)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : file.names()) {
                tensors.add(TensorSource.of(file, name));
            }
            Collections.shuffle(tensors, new Random(7));
            SafetensorsWriter.write(copy, file.metadata(), tensors);
        }
        assertThat(copy).hasSameBinaryContentAs(source);
    }

    @Test
    void writesMetadataInOrderOfItsKeys() throws IOException {
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter.write(file, Map.of("b", "1", "a", "2", "c", "3"), List.of());
        assertThat(Files.readString(file)).contains("{\"__metadata__\":{\"a\":\"2\",\"b\":\"1\",\"c\":\"3\"}}");
    }

    @Test
    void joinsChunksAndLeavesThemAsTheyWere() throws IOException {
        ByteBuffer whole = ByteBuffer.allocateDirect(8).put(new byte[] {9, 1, 2, 3, 4, 5, 9, 9});
        ByteBuffer front = whole.duplicate().position(1).limit(4);
        Path file = folder.resolve("a.safetensors");
        TensorSource source = new TensorSource(BYTES, sink -> {
            sink.write(front);
            sink.write(ByteBuffer.allocate(0));
            sink.write(whole.duplicate().position(4).limit(6));
        });
        SafetensorsWriter.write(file, Map.of(), List.of(source));
        assertThat(front.position()).isEqualTo(1);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(Fixtures.heap(checkpoint.bytes("x"))).containsExactly(1, 2, 3, 4, 5);
        }
    }

    @Test
    void writesEverythingToAChannelThatTakesAFewBytesAtATime() throws IOException {
        ByteArrayOutputStream slow = new ByteArrayOutputStream();
        ByteArrayOutputStream fast = new ByteArrayOutputStream();
        TensorSource source = TensorSource.of(BYTES, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
        SafetensorsWriter.write(new ThreeAtATime(slow), Map.of("a", "b"), List.of(source));
        SafetensorsWriter.write(Channels.newChannel(fast), Map.of("a", "b"), List.of(source));
        assertThat(slow.toByteArray()).isEqualTo(fast.toByteArray());
    }

    @ParameterizedTest(name = "{0} bytes for 5")
    @ValueSource(ints = {0, 4, 6})
    void refusesASourceOfTheWrongSizeAndLeavesNothing(int bytes) {
        Path file = folder.resolve("a.safetensors");
        TensorSource source = TensorSource.of(BYTES, ByteBuffer.allocate(bytes));
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(source)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("cannot write tensor \"x\": U8 of shape [5] needs 5 bytes, its source gave " + bytes);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void leavesTheOldFileWhenASourceFails() throws IOException {
        Path file = Files.writeString(folder.resolve("a.safetensors"), "old");
        TensorSource source = new TensorSource(BYTES, sink -> {
            sink.write(ByteBuffer.allocate(2));
            throw new IllegalStateException("engine trouble");
        });
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(source)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine trouble");
        assertThat(file).hasContent("old");
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
    }

    @Test
    void refusesNamesThatCannotStandInAHeader() {
        ByteBuffer five = ByteBuffer.allocate(5);
        for (String name : List.of("__metadata__", "\ud800")) {
            TensorInfo info = new TensorInfo(name, StoredType.U8, List.of(5L));
            assertThatThrownBy(() -> SafetensorsWriter.write(
                            folder.resolve("a"), Map.of(), List.of(TensorSource.of(info, five))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot have the name");
        }
        TensorSource twice = TensorSource.of(BYTES, five);
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("a"), Map.of(), List.of(twice, twice)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors have the name \"x\"");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void readsBackWhatItWrote(int seed) throws IOException {
        Random random = new Random(seed);
        List<TensorSource> tensors = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(12); i++) {
            StoredType type = TYPES.get(random.nextInt(TYPES.size()));
            List<Long> shape = Stream.generate(() -> (long) random.nextInt(5))
                    .limit(random.nextInt(4))
                    .toList();
            TensorInfo info = new TensorInfo("t" + i + "." + random.nextInt(100), type, shape);
            byte[] content = new byte[(int) info.byteSize()];
            random.nextBytes(content);
            contents.add(content);
            tensors.add(TensorSource.of(info, ByteBuffer.wrap(content)));
        }
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter.write(file, Map.of("seed", String.valueOf(seed)), tensors);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.metadata()).containsEntry("seed", String.valueOf(seed));
            assertThat(read.names()).hasSize(tensors.size());
            for (int i = 0; i < tensors.size(); i++) {
                TensorInfo info = tensors.get(i).info();
                assertThat(read.info(info.name())).isEqualTo(info);
                assertThat(Fixtures.heap(read.bytes(info.name()))).isEqualTo(contents.get(i));
                assertThat(read.inPlace(info.name())).isTrue();
            }
            Fixtures.readAll(read);
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    private record ThreeAtATime(ByteArrayOutputStream out) implements WritableByteChannel {

        @Override
        public int write(ByteBuffer source) {
            int count = Math.min(3, source.remaining());
            for (int i = 0; i < count; i++) {
                out.write(source.get());
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
