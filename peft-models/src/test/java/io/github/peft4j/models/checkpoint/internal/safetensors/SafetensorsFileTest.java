package io.github.peft4j.models.checkpoint.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

    private static final String TWO = "{\"a\":{\"dtype\":\"I16\",\"shape\":[3,2],\"data_offsets\":[0,12]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[12,16]}}";

    @TempDir
    Path folder;

    @Test
    void readsEveryTypeThatPythonWrites() throws CheckpointException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path("every-type.safetensors"))) {
            assertThat(file.names()).hasSize(StoredType.values().length).startsWith("t.uint64", "t.int64");
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
            for (String name : file.names()) {
                TensorInfo info = file.info(name);
                assertThat(info.shape()).containsExactly(2L, 3L);
                assertThat(file.bytes(name).remaining())
                        .isEqualTo(6 * info.type().bytes());
                assertThat(file.inPlace(name)).isTrue();
            }
            byte[] halves = Fixtures.heap(file.bytes("t.bfloat16"));
            assertThat(halves).startsWith(144, 145, 146).hasSize(12);
        }
    }

    @Test
    void readsNamesScalarsAndEmptyTensors() throws CheckpointException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path("strange-names.safetensors"))) {
            assertThat(file.names()).contains("tab\tbell\u0007del\u007f", "größe", "\ud83d\ude00", "");
            assertThat(file.metadata()).containsEntry("no\nte", "\u0001 \"é\" \ud83d\ude00");
            assertThat(file.info("scalar").shape()).isEmpty();
            assertThat(file.bytes("scalar").getFloat()).isEqualTo(1.5f);
            assertThat(file.rows("scalar", 0, 1).getFloat()).isEqualTo(1.5f);
            assertThat(file.bytes("empty").remaining()).isZero();
            assertThat(file.rows("also empty", 1, 3).remaining()).isZero();
        }
    }

    @Test
    void readsAFileWithoutTensors() throws CheckpointException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path("nothing.safetensors"))) {
            assertThat(file.names()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void givesDirectReadOnlyLittleEndianViewsThatAreIndependent() throws IOException {
        try (SafetensorsFile file =
                SafetensorsFile.open(Fixtures.safetensors(folder.resolve("a.safetensors"), TWO, 16))) {
            ByteBuffer first = file.bytes("a");
            first.position(5);
            ByteBuffer second = file.bytes("a");
            assertThat(second.position()).isZero();
            assertThat(second.isDirect()).isTrue();
            assertThat(second.isReadOnly()).isTrue();
            assertThat(second.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(second.getShort(2)).isEqualTo((short) 0x0302);
        }
    }

    @Test
    void readsRows() throws IOException {
        try (SafetensorsFile file =
                SafetensorsFile.open(Fixtures.safetensors(folder.resolve("a.safetensors"), TWO, 16))) {
            assertThat(Fixtures.heap(file.rows("a", 1, 3))).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
            assertThat(Fixtures.heap(file.rows("b", 3, 4))).containsExactly(15);
            assertThat(file.rows("a", 2, 2).remaining()).isZero();
            assertThatThrownBy(() -> file.rows("a", 2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> file.rows("a", -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void copiesATensorThatIsNotAlignedToItsElements() throws IOException {
        String header = "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}      ";
        Path path = Fixtures.safetensors(folder.resolve("a.safetensors"), header, 9);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.inPlace("y")).isFalse();
            ByteBuffer copy = file.bytes("y");
            assertThat(Fixtures.heap(copy)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(copy.isReadOnly()).isTrue();
            assertThat(copy.alignmentOffset(0, 4)).isZero();
            assertThat(Fixtures.heap(file.rows("y", 1, 2))).containsExactly(5, 6, 7, 8);
        }
    }

    @Test
    void refusesAnUnknownTypeOnlyWhenThatTensorIsRead() throws IOException {
        String header = "{\"x\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]},"
                + "\"y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}";
        Path path = Fixtures.safetensors(folder.resolve("a.safetensors"), header, 4);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.names()).containsExactly("x", "y");
            assertThat(Fixtures.heap(file.bytes("y"))).containsExactly(2, 3);
            assertThat(file.source("x")).isEqualTo(path);
            String message = "tensor \"x\" of " + path + " has the type \"F4\", which is not supported";
            assertThatThrownBy(() -> file.bytes("x"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> file.info("x"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void namesTheFileWhenATensorIsMissing() throws IOException {
        Path path = Fixtures.safetensors(folder.resolve("a.safetensors"), TWO, 16);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThatThrownBy(() -> file.bytes("c"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("there is no tensor \"c\" in " + path + ", which holds 2 tensors");
        }
    }

    @Test
    void canNoLongerBeReadAfterClosing() throws IOException {
        SafetensorsFile file = SafetensorsFile.open(Fixtures.safetensors(folder.resolve("a.safetensors"), TWO, 16));
        ByteBuffer held = file.bytes("a");
        file.close();
        file.close();
        assertThat(held.get(3)).isEqualTo((byte) 3);
        assertThatThrownBy(() -> file.bytes("b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void refusesWhatIsNotARegularFile() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafetensorsFile.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not a regular file");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be replaced there")
    void keepsTheOldContentWhenTheFileIsReplaced() throws IOException {
        Path path = Fixtures.safetensors(folder.resolve("a.safetensors"), TWO, 16);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            ByteBuffer before = file.bytes("b");
            AtomicWrite.toFile(path, "something else");
            assertThat(Fixtures.heap(before)).containsExactly(12, 13, 14, 15);
            assertThat(Files.readString(path)).isEqualTo("something else");
            assertThat(file.rows("a", 0, 1).getShort()).isEqualTo((short) 0x0100);
        }
    }

    @Test
    void tensorInfoCountsWithoutOverflow() {
        assertThat(new TensorInfo("x", StoredType.F32, List.of(0L, 1L << 60)).byteSize())
                .isZero();
        assertThat(new TensorInfo("x", StoredType.F16, List.of(3L, 5L)).rowByteSize())
                .isEqualTo(10);
        assertThatThrownBy(() -> new TensorInfo("x", StoredType.F32, List.of(0L, 1L << 62)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too large");
        assertThatThrownBy(() -> new TensorInfo("x", StoredType.F32, List.of(1L << 31, 1L << 31)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
