package io.github.peft4j.models.internal.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFileTest {

    @TempDir
    Path folder;

    @Test
    void isHiddenAndGoesUnlessItGotItsName() throws Exception {
        try (TemporaryFile file = TemporaryFile.in(folder, "a.json")) {
            assertThat(file.path().getFileName().toString()).matches("\\.a\\.json\\.peft4j-[0-9a-f]{16}-\\d+\\.tmp");
            file.write(new byte[] {1, 2, 3});
            assertThat(file.path()).hasSize(3);
        }
        assertThat(folder).isEmptyDirectory();
        try (TemporaryFile file = TemporaryFile.in(folder, "a.json")) {
            file.write(new byte[] {1, 2, 3});
            Files.move(file.path(), folder.resolve("a.json"));
        }
        assertThat(folder.toFile().list()).containsExactly("a.json");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "permissions are others there")
    void canBeItsOwnersAlone() throws Exception {
        try (TemporaryFile file = TemporaryFile.ofOwner(folder, "a")) {
            assertThat(Files.getPosixFilePermissions(file.path()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void whatThisProcessIsWritingIsNotSweptAway() throws Exception {
        try (TemporaryFile file = TemporaryFile.in(folder, "a")) {
            TemporaryFile.sweep(folder);
            assertThat(file.path()).exists();
        }
    }

    @Test
    void whatAnotherProcessIsWritingIsSweptAwayOnceItIsDead() throws Exception {
        try (OtherProcess other = OtherProcess.start(OtherProcess.WRITE, folder)) {
            TemporaryFile.sweep(folder);
            assertThat(folder.toFile().list()).hasSize(1);
            other.kill();
            assertThat(folder.toFile().list()).hasSize(1);
            TemporaryFile.sweep(folder);
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void aFolderThatIsNotThereHasNothingToSweep() {
        TemporaryFile.sweep(folder.resolve("nowhere"));
        assertThat(folder).isEmptyDirectory();
    }
}
