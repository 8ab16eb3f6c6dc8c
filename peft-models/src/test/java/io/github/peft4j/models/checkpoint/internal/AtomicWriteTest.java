package io.github.peft4j.models.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicWriteTest {

    @TempDir
    Path folder;

    @Test
    void replacesAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "a longer old text");
        AtomicWrite.toFile(file, "größe");
        assertThat(file).hasContent("größe");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void showsNothingBeforeTheCommit() throws IOException {
        Path target = folder.resolve("new/folder");
        try (AtomicWrite write = AtomicWrite.into(target)) {
            write.text("a", "1");
            write.text("b", "2");
            assertThat(target.resolve("a")).doesNotExist();
            write.commit();
        }
        assertThat(target.resolve("a")).hasContent("1");
        assertThat(target.resolve("b")).hasContent("2");
        assertThat(target.toFile().list()).hasSize(2);
    }

    @Test
    void removesEverythingWhenItIsNotCommitted() throws IOException {
        Path old = Files.writeString(folder.resolve("b"), "old");
        assertThatThrownBy(() -> {
                    try (AtomicWrite write = AtomicWrite.into(folder)) {
                        write.remove("b");
                        write.text("a", "1");
                        write.file("b", channel -> {
                            throw new IOException("disk full");
                        });
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot write " + old)
                .hasMessageContaining("disk full");
        assertThat(old).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("b");
    }

    @Test
    void removesFilesTheNewStateNoLongerHas() throws IOException {
        Files.writeString(folder.resolve("stale"), "old");
        Files.writeString(folder.resolve("kept"), "old");
        try (AtomicWrite write = AtomicWrite.into(folder)) {
            write.remove("stale");
            write.remove("kept");
            write.remove("never there");
            write.text("kept", "new");
            write.commit();
        }
        assertThat(folder.resolve("stale")).doesNotExist();
        assertThat(folder.resolve("kept")).hasContent("new");
    }

    @Test
    void refusesNamesOutsideItsFolder() {
        AtomicWrite write = AtomicWrite.into(folder);
        for (String name : new String[] {"../a", "a/b", "", "..", "/tmp/a"}) {
            assertThatThrownBy(() -> write.text(name, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("plain file name");
            assertThatThrownBy(() -> write.remove(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void doesNotReplaceAFolder() throws IOException {
        Path target = Files.createDirectories(folder.resolve("a/b")).getParent();
        assertThatThrownBy(() -> AtomicWrite.toFile(target, "x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot write " + target);
        assertThat(folder.toFile().list()).containsExactly("a");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void writesIntoAFolderBehindASymbolicLink() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        AtomicWrite.toFile(link.resolve("a"), "x");
        assertThat(real.resolve("a")).hasContent("x");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void replacesALinkAndNotWhatItPointsTo() throws IOException {
        Path blob = Files.writeString(folder.resolve("blob"), "shared");
        Path link = Files.createSymbolicLink(folder.resolve("a"), blob);
        AtomicWrite.toFile(link, "mine");
        assertThat(blob).hasContent("shared");
        assertThat(link).hasContent("mine").isRegularFile();
        assertThat(Files.isSymbolicLink(link)).isFalse();
    }
}
