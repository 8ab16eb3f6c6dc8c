package io.github.peft4j.models.internal.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ClaimedFolderTest {

    @TempDir
    Path folder;

    private String[] names() {
        return folder.toFile().list();
    }

    @Test
    void aClaimedFolderCannotBeClaimedAgainUntilItIsClosed() throws Exception {
        try (ClaimedFolder claim = ClaimedFolder.claim(folder)) {
            assertThat(claim.path()).isEqualTo(folder);
            assertThat(claim.entries()).isEmpty();
            assertThat(names()).containsExactly(ClaimedFolder.LOCK);
            assertThatThrownBy(() -> ClaimedFolder.claim(folder))
                    .isInstanceOf(FolderInUseException.class)
                    .hasMessage("the folder " + folder
                            + " is in use: another run of this process writes into it. Wait until"
                            + " that has ended, or choose another folder");
        }
        assertThat(names()).isEmpty();
        ClaimedFolder.claim(folder).close();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void aFolderIsTheSameUnderAllItsNames() throws Exception {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        try (ClaimedFolder claim = ClaimedFolder.claim(link)) {
            assertThatThrownBy(() -> ClaimedFolder.claim(real)).isInstanceOf(FolderInUseException.class);
            assertThatThrownBy(() -> ClaimedFolder.claim(folder.resolve("none/../real")))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void anotherProcessIsNamedAndItsClaimEndsWithIt() throws Exception {
        try (OtherProcess other = OtherProcess.start(OtherProcess.CLAIM, folder)) {
            assertThatThrownBy(() -> ClaimedFolder.claim(folder))
                    .isInstanceOf(FolderInUseException.class)
                    .hasMessageStartingWith("the folder " + folder + " is in use: process " + other.pid() + " on ")
                    .hasMessageContaining(" (since 20");
            assertThatThrownBy(() -> ClaimedFolder.join(folder)).isInstanceOf(FolderInUseException.class);
            // What a living process is writing stays, whoever claims a folder around it.
            ClaimedFolder.claim(folder.resolve("within")).close();
            assertThat(names()).containsExactly(ClaimedFolder.LOCK);
            other.kill();
        }
        assertThat(names()).containsExactly(ClaimedFolder.LOCK);
        ClaimedFolder.claim(folder).close();
        assertThat(names()).isEmpty();
    }

    @Test
    void whatAnybodyMayHaveWrittenIntoTheLockIsNotRepeated() throws Exception {
        try (OtherProcess other = OtherProcess.start(OtherProcess.CLAIM, folder)) {
            Files.writeString(folder.resolve(ClaimedFolder.LOCK), "process 1 on \u001b[2Jhost since now\n");
            assertThatThrownBy(() -> ClaimedFolder.claim(folder))
                    .hasMessageContaining(" is in use: another process writes");
            other.kill();
        }
    }

    @Test
    void aFolderMadeForNothingIsTakenAwayAgain() throws Exception {
        Path made = folder.resolve("new");
        ClaimedFolder.claim(made).close();
        assertThat(made).doesNotExist();
        try (ClaimedFolder claim = ClaimedFolder.claim(made)) {
            Files.writeString(made.resolve("a"), "x");
        }
        assertThat(made.toFile().list()).containsExactly("a");
        Path given = Files.createDirectory(folder.resolve("given"));
        ClaimedFolder.claim(given).close();
        assertThat(given).exists();
    }

    @Test
    void whatIsWrittenInTheCourseOfSomethingLongerSharesItsClaim() throws Exception {
        try (ClaimedFolder claim = ClaimedFolder.claim(folder)) {
            ClaimedFolder.join(folder).close();
            assertThatThrownBy(() -> ClaimedFolder.claim(folder)).isInstanceOf(FolderInUseException.class);
        }
        try (ClaimedFolder claim = ClaimedFolder.join(folder)) {
            assertThatThrownBy(() -> ClaimedFolder.claim(folder)).isInstanceOf(FolderInUseException.class);
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void whatDeadWritersLeftBehindIsRemovedAndNothingElse() throws Exception {
        String dead = ".peft4j-0123456789abcdef-7.tmp";
        Files.writeString(folder.resolve(".model.safetensors" + dead), "half");
        Files.createDirectories(folder.resolve("german"));
        Files.writeString(folder.resolve("german/.adapter_config.json" + dead), "half");
        Files.createDirectories(folder.resolve(".checkpoint-3.peft4j.tmp/deeper"));
        Files.writeString(folder.resolve(".checkpoint-3.peft4j.tmp/deeper/weights"), "half");
        Files.createDirectories(folder.resolve(".checkpoint-1.peft4j.old"));
        String[] users = {
            ".notes.tmp",
            "a.peft4j-0123456789abcdef-7.tmp",
            ".a.peft4j-0123456789abcdef-7.tmp.txt",
            ".a.123-4.tmp",
            ".git"
        };
        for (String name : users) {
            Files.writeString(folder.resolve(name), "mine");
        }
        Files.createDirectory(folder.resolve(".b" + dead));
        try (ClaimedFolder claim = ClaimedFolder.claim(folder)) {
            assertThat(claim.entries())
                    .extracting(entry -> entry.getFileName().toString())
                    .containsExactlyInAnyOrder("german", users[0], users[1], users[2], users[3], users[4], ".b" + dead);
        }
        assertThat(folder.resolve("german")).isEmptyDirectory();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void linksAreNotFollowed() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Path file = Files.writeString(elsewhere.resolve("file"), "mine");
        Path claimed = Files.createDirectory(folder.resolve("claimed"));
        Files.createSymbolicLink(claimed.resolve(".a.peft4j-0123456789abcdef-7.tmp"), file);
        Path unfinished = Files.createDirectory(claimed.resolve(".checkpoint-3.peft4j.tmp"));
        Files.createSymbolicLink(unfinished.resolve("link"), elsewhere);
        ClaimedFolder.claim(claimed).close();
        assertThat(file).hasContent("mine");
        assertThat(unfinished).doesNotExist();
        Files.createSymbolicLink(claimed.resolve(ClaimedFolder.LOCK), file);
        assertThatThrownBy(() -> ClaimedFolder.claim(claimed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(" is no ordinary file; remove it");
        assertThat(file).hasContent("mine");
    }

    @Test
    void aThreadThatIsInterruptedClaimsAllTheSame() throws Exception {
        Thread.currentThread().interrupt();
        try (ClaimedFolder claim = ClaimedFolder.claim(folder);
                OtherProcess other = OtherProcess.refused(OtherProcess.CLAIM, folder)) {
            assertThat(Thread.interrupted()).isTrue();
            assertThat(other.output()).startsWith("FolderInUseException");
        }
    }
}
