package io.github.peft4j.training.internal.state;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The {@code checkpoint-N} folders of a run, N being the steps done.
 *
 * <p>A checkpoint is written into a hidden folder, forced to disk and then renamed, so a folder named {@code checkpoint-N} is complete
 * whenever the process ends; what a process that died left behind is hidden, ignored, and removed by the next run, which has claimed the
 * folder ({@link ClaimedFolder}). Old checkpoints are removed only after the new one is in place.
 */
public final class TrainingCheckpoints {

    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,18})");

    private final Path folder;

    public TrainingCheckpoints(Path folder) {
        this.folder = folder;
    }

    /** Writes the files of a checkpoint into its folder. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path folder) throws IOException;
    }

    /**
     * The complete checkpoints of a run, the oldest first.
     *
     * @param folder the folder of the run; need not exist
     * @throws IOException if it cannot be read
     */
    public static List<Path> in(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry ->
                            NAME.matcher(name(entry)).matches() && Files.isRegularFile(entry.resolve(RunState.FILE)))
                    .sorted(Comparator.comparingLong(TrainingCheckpoints::step))
                    .toList();
        }
    }

    /**
     * The newest complete checkpoint of a run, if there is one.
     *
     * @throws IOException if the folder cannot be read, or the checkpoint is a link to a folder elsewhere
     */
    public static Optional<Path> newest(Path folder) throws IOException {
        List<Path> all = in(folder);
        return all.isEmpty() ? Optional.empty() : Optional.of(unlinked(folder, all.get(all.size() - 1)));
    }

    /**
     * The complete checkpoint of a run after some steps.
     *
     * @throws IOException if there is none, the folder cannot be read, or the checkpoint is a link to a folder elsewhere
     */
    public static Path existing(Path folder, long step) throws IOException {
        Path checkpoint = folder(folder, step);
        if (!in(folder).contains(checkpoint)) {
            throw new CheckpointException("there is no complete checkpoint " + checkpoint);
        }
        return unlinked(folder, checkpoint);
    }

    private static Path unlinked(Path folder, Path checkpoint) throws CheckpointException {
        return UntrustedFolder.file(folder, name(checkpoint));
    }

    public static Path folder(Path run, long step) {
        return run.resolve(name(step));
    }

    static String name(long step) {
        return "checkpoint-" + step;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    /** The steps that a folder's name tells, or -1 if it has another name. */
    static long step(Path checkpoint) {
        Matcher matcher = NAME.matcher(name(checkpoint));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /**
     * Writes a checkpoint and then removes the oldest ones.
     *
     * @param keep how many may be left, 0 for all
     * @param best the steps of one that is left besides, or -1
     * @throws IOException if writing fails; the folder is then as it was
     */
    public void write(long step, int keep, long best, Content content) throws IOException {
        Files.createDirectories(folder);
        Path target = folder(folder, step);
        Path hidden = hidden(step, "tmp");
        ClaimedFolder.remove(hidden);
        try {
            Files.createDirectory(hidden);
            content.writeTo(hidden);
            force(hidden);
            Path replaced = Files.exists(target) ? hide(target, step) : hidden;
            Files.move(hidden, target, StandardCopyOption.ATOMIC_MOVE);
            force(folder);
            ClaimedFolder.remove(replaced);
        } finally {
            ClaimedFolder.remove(hidden);
        }
        if (keep > 0) {
            // Newer ones are there if the run went back to an older checkpoint; they are replaced when their turn
            // comes.
            List<Path> sofar = in(folder).stream().filter(c -> step(c) <= step).toList();
            for (Path old : sofar.subList(0, Math.max(0, sofar.size() - keep))) {
                if (step(old) != best) {
                    ClaimedFolder.remove(hide(old, step(old)));
                }
            }
        }
    }

    private Path hidden(long step, String kind) {
        return ClaimedFolder.unfinished(folder, name(step), kind);
    }

    /** Hides a checkpoint before its files go one by one, since half a checkpoint must not look like one. */
    private Path hide(Path checkpoint, long step) throws IOException {
        Path hidden = hidden(step, "old");
        ClaimedFolder.remove(hidden);
        return Files.move(checkpoint, hidden, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not every platform lets a folder be opened; the rename then reaches the disk when the system sees fit.
        }
    }
}
