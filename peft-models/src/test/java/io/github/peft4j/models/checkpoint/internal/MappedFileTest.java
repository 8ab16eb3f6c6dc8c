package io.github.peft4j.models.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {

    @TempDir
    Path folder;

    @Test
    void readsFullyThoughEachReadBringsLittle() throws IOException {
        byte[] content = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        ByteBuffer buffer = ByteBuffer.allocate(7);
        MappedFile.Source twoAtATime = (target, position) -> {
            int count = Math.min(2, target.remaining());
            target.put(content, (int) position, count);
            return count;
        };
        MappedFile.readFully(twoAtATime, buffer, 2);
        assertThat(buffer.array()).containsExactly(2, 3, 4, 5, 6, 7, 8);
        assertThatThrownBy(() -> MappedFile.readFully((target, position) -> -1, ByteBuffer.allocate(1), 4))
                .isInstanceOf(EOFException.class);
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the file is locked there")
    void saysSoWhenTheFileShrinksUnderneath() throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[100]);
        try (MappedFile file = MappedFile.open(path)) {
            Files.write(path, new byte[40]);
            assertThatThrownBy(() -> file.read(0, 100))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(path + " became shorter while it was read: expected 100 bytes, found 40");
            assertThatThrownBy(() -> file.map(0, 100)).isInstanceOf(CheckpointException.class);
        }
    }

    @Test
    void mapsARegionOnceAndWithinTheFileOnly() throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[] {1, 2, 3, 4});
        try (MappedFile file = MappedFile.open(path)) {
            assertThat(file.map(1, 2)).isNotSameAs(file.map(1, 2)).isEqualTo(file.map(1, 2));
            for (long[] region : new long[][] {{-1, 2}, {0, -1}, {3, 2}, {5, 0}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
                assertThatThrownBy(() -> file.map(region[0], region[1]))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("of a file of 4 bytes");
            }
        }
    }
}
