package io.github.peft4j.training.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.training.internal.loop.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process may end at any point: what is named checkpoint-N is complete, and the newest one is never given up for a promise. */
class TrainingCheckpointsTest {

    @TempDir
    Path folder;

    private TrainingCheckpoints checkpoints() {
        return new TrainingCheckpoints(folder);
    }

    private static TrainingCheckpoints.Content content(String text) {
        return hidden -> {
            Files.writeString(hidden.resolve("weights"), text);
            Files.writeString(hidden.resolve("trainer_state.json"), text);
        };
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theNewestIsTheOneWithTheMostSteps() throws Exception {
        for (int step : new int[] {9, 10, 2}) {
            checkpoints().write(step, 0, -1, content("x"));
        }
        assertThat(TrainingCheckpoints.in(folder))
                .extracting(path -> String.valueOf(path.getFileName()))
                .containsExactly("checkpoint-2", "checkpoint-9", "checkpoint-10");
        assertThat(TrainingCheckpoints.newest(folder)).hasValue(folder.resolve("checkpoint-10"));
    }

    @Test
    void thereIsNoneInAFolderThatDoesNotExist() throws Exception {
        assertThat(TrainingCheckpoints.newest(folder.resolve("nowhere"))).isEmpty();
    }

    @Test
    void theBestIsLeftBesideTheNewest() throws Exception {
        for (int step = 1; step <= 5; step++) {
            checkpoints().write(step, 2, step < 5 ? 1 : 5, content("x"));
        }
        assertThat(names()).containsExactly("checkpoint-4", "checkpoint-5");
        checkpoints().write(6, 2, 4, content("x"));
        checkpoints().write(7, 2, 4, content("x"));
        assertThat(names()).containsExactly("checkpoint-4", "checkpoint-6", "checkpoint-7");
    }

    @Test
    void whileOneIsWrittenNothingWithItsNameIsThere() throws Exception {
        checkpoints().write(1, 1, -1, content("x"));
        List<List<String>> seen = new ArrayList<>();
        checkpoints().write(2, 1, -1, hidden -> {
            content("y").writeTo(hidden);
            seen.add(names());
            assertThat(TrainingCheckpoints.newest(folder)).hasValue(folder.resolve("checkpoint-1"));
        });
        assertThat(seen.get(0)).hasSize(2).contains("checkpoint-1").allMatch(n -> !n.equals("checkpoint-2"));
        assertThat(names()).containsExactly("checkpoint-2");
    }

    @Test
    void whatCannotBeWrittenLeavesNoTraceAndTheOldOnesStay() throws Exception {
        checkpoints().write(1, 1, -1, content("x"));
        assertThatThrownBy(() -> checkpoints().write(2, 1, -1, hidden -> {
                    content("y").writeTo(hidden);
                    throw new IOException("no space left on device");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no space left on device");
        assertThat(names()).containsExactly("checkpoint-1");
    }

    @Test
    void whatADeadProcessLeftBehindIsIgnoredAndRemovedWhenTheFolderIsClaimed() throws Exception {
        checkpoints().write(1, 0, -1, content("x"));
        // As kill -9 leaves it: half written, half deleted, or a copy that was broken off.
        Path halfWritten = Files.createDirectories(folder.resolve(".checkpoint-2.peft4j.tmp"));
        Files.writeString(halfWritten.resolve("weights"), "y");
        Path halfDeleted = Files.createDirectories(folder.resolve(".checkpoint-0.peft4j.old"));
        Files.writeString(halfDeleted.resolve("trainer_state.json"), "z");
        Files.createDirectories(folder.resolve("checkpoint-3"));
        Files.createDirectories(folder.resolve("checkpoint-final"));
        assertThat(TrainingCheckpoints.newest(folder)).hasValue(folder.resolve("checkpoint-1"));
        ClaimedFolder.claim(folder).close();
        assertThat(names()).containsExactly("checkpoint-1", "checkpoint-3", "checkpoint-final");
    }

    @Test
    void anEqualStepReplacesTheOldOneWhole() throws Exception {
        Files.createDirectories(folder.resolve("checkpoint-5"));
        Files.writeString(folder.resolve("checkpoint-5/leftover"), "x");
        checkpoints().write(5, 0, -1, content("new"));
        assertThat(names()).containsExactly("checkpoint-5");
        assertThat(folder.resolve("checkpoint-5/leftover")).doesNotExist();
        assertThat(folder.resolve("checkpoint-5/weights")).hasContent("new");
    }

    @Test
    void asManyAreKeptAsAsked() throws Exception {
        for (int step = 1; step <= 5; step++) {
            checkpoints().write(step, 2, -1, content("x"));
        }
        assertThat(names()).containsExactly("checkpoint-4", "checkpoint-5");
    }

    @Test
    void aRunThatWentBackDoesNotLoseItsOwnCheckpointToNewerOnes() throws Exception {
        for (int step : new int[] {10, 20, 30}) {
            checkpoints().write(step, 0, -1, content("x"));
        }
        checkpoints().write(15, 1, -1, content("x"));
        assertThat(names()).containsExactly("checkpoint-15", "checkpoint-20", "checkpoint-30");
    }

    @Test
    void failuresOfTheWritingThreadComeBackAsTheyWere() {
        assertThatThrownBy(() -> Uninterrupted.run(new Leases("model"), () -> {
                    throw new IllegalStateException("closed");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("closed");
        assertThatThrownBy(() -> Uninterrupted.run(new Leases("model"), () -> {
                    throw new OutOfMemoryError("heap");
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
