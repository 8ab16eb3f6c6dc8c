package io.github.peft4j.models.internal.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that one writer at a time writes its results into, until it is closed.
 *
 * <p>What says so is a lock of the operating system's on the file {@value #LOCK} within. It ends with the process, so that a crash leaves
 * nothing but that file, which the next writer takes over and removes. Writers on several machines see each other as far as the file system
 * has locks across them, as NFS from version 4 on and SMB do; where it has none at all, a warning says so. Safe for concurrent use.
 */
public final class ClaimedFolder implements AutoCloseable {

    /** The file that is locked while a folder is claimed, and that says by whom. */
    public static final String LOCK = ".peft4j.lock";

    private static final Pattern UNFINISHED = Pattern.compile("\\..+\\.peft4j\\.(tmp|old)");

    /** What this process has claimed: a second channel on a lock's file could undo the lock when it is closed. */
    private static final Set<Path> CLAIMED = new HashSet<>();

    private final Path path;
    private final @Nullable Path claimed;
    private final boolean made;
    private @Nullable LockFile lock;

    private ClaimedFolder(Path path, @Nullable Path claimed, boolean made, @Nullable LockFile lock) {
        this.path = path;
        this.claimed = claimed;
        this.made = made;
        this.lock = lock;
    }

    /**
     * Claims a folder and clears it of what writers that died left behind: {@link TemporaryFile}s, also in the folders within, and
     * {@link #unfinished} folders.
     *
     * @param folder made with its parents if need be, and then removed again if nothing is in it in the end
     * @throws FolderInUseException if another writer has claimed it, in this process or another
     * @throws IOException if the folder cannot be made or written
     */
    public static ClaimedFolder claim(Path folder) throws IOException {
        boolean missing = make(folder);
        Path real = folder.toRealPath();
        synchronized (CLAIMED) {
            if (CLAIMED.contains(real)) {
                throw new FolderInUseException(folder, "another run of this process");
            }
            ClaimedFolder claim = new ClaimedFolder(folder, real, missing, lock(real.resolve(LOCK), folder));
            CLAIMED.add(real);
            boolean clear = false;
            try {
                claim.sweep();
                clear = true;
                return claim;
            } finally {
                if (!clear) {
                    claim.close();
                }
            }
        }
    }

    private static boolean make(Path folder) throws IOException {
        if (Files.isRegularFile(folder)) {
            throw new IOException("Provided path (" + folder + ") should be a directory, not a file");
        }
        // createDirectories refuses an existing folder behind a symbolic link.
        boolean missing = !Files.isDirectory(folder);
        if (missing) {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new IOException("cannot make the folder " + folder + ": " + e, e);
            }
        }
        return missing;
    }

    private static LockFile lock(Path file, Path folder) throws IOException {
        try {
            return LockFile.take(file, folder);
        } catch (FolderInUseException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("cannot write into " + folder + ": " + e, e);
        }
    }

    /**
     * {@link #claim}, unless this process has claimed the folder already: for what is written in the course of something longer.
     *
     * @return to be closed in any case
     * @throws FolderInUseException if another process has claimed it
     * @throws IOException if the folder cannot be made or written
     */
    public static ClaimedFolder join(Path folder) throws IOException {
        synchronized (CLAIMED) {
            return Files.isDirectory(folder) && CLAIMED.contains(folder.toRealPath())
                    ? new ClaimedFolder(folder, null, false, null)
                    : claim(folder);
        }
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** What is in it, but for what says that it is claimed. */
    public List<Path> entries() throws IOException {
        try (Stream<Path> all = Files.list(path)) {
            return all.filter(entry -> !String.valueOf(entry.getFileName()).equals(LOCK))
                    .toList();
        }
    }

    /**
     * A hidden folder within, for what is to appear under a name as a whole, or to go as a whole. Whoever claims this folder later removes it.
     *
     * @param name of what it becomes, or was
     * @param kind {@code tmp} for what is not written wholly, {@code old} for what is not removed wholly
     */
    public static Path unfinished(Path folder, String name, String kind) {
        return folder.resolve("." + name + ".peft4j." + kind);
    }

    private void sweep() throws IOException {
        TemporaryFile.sweep(path);
        for (Path entry : entries()) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                if (UNFINISHED.matcher(String.valueOf(entry.getFileName())).matches()) {
                    remove(entry);
                } else {
                    TemporaryFile.sweep(entry);
                }
            }
        }
    }

    /**
     * Removes a folder with all that is in it; links are removed, not followed. Nothing happens if there is none.
     *
     * @throws IOException if something cannot be removed
     */
    public static void remove(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Lets others write into it; a second call does nothing. */
    @Override
    public void close() {
        synchronized (CLAIMED) {
            if (lock != null) {
                lock.release();
                lock = null;
                CLAIMED.remove(claimed);
                removeIfMadeForNothing();
            }
        }
    }

    private void removeIfMadeForNothing() {
        try {
            if (made && entries().isEmpty()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // Somebody has put something in it, or an empty folder stays; nothing worth an error beside whatever ends
            // here.
        }
    }
}
