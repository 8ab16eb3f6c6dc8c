package io.github.peft4j.models.internal.output;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file whose lock says that a folder is claimed; its text says by whom, for messages. It is removed when it is released.
 *
 * <p>Not written through a channel of {@code Files}: that is closed when the thread is interrupted, and the lock with it.
 */
final class LockFile {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimedFolder.class);

    private static final int LONGEST_TEXT = 300;

    /** All that is believed of a file that anybody may have written. */
    private static final Pattern TEXT =
            Pattern.compile("process (\\d{1,19}) on ([\\w.-]{1,100}) since ([\\dT:.Z-]{1,40})\\s*");

    private final Path file;
    private final RandomAccessFile content;

    private LockFile(Path file, RandomAccessFile content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Locks the file.
     *
     * @param folder for messages
     * @throws FolderInUseException if another process has locked it
     */
    static LockFile take(Path file, Path folder) throws IOException {
        while (true) {
            @Nullable LockFile taken = attempt(file, folder);
            if (taken != null) {
                return taken;
            }
        }
    }

    /** Null if the file was removed meanwhile by one that had locked it before. */
    private static @Nullable LockFile attempt(Path file, Path folder) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Left behind, or in use.
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("cannot claim " + folder + ": " + file + " is no ordinary file; remove it");
        }
        boolean kept = false;
        @Nullable RandomAccessFile content = null;
        try {
            Object before = key(file);
            content = new RandomAccessFile(file.toFile(), "rw");
            if (!lock(content, folder)) {
                throw new FolderInUseException(folder, owner(content));
            }
            // The same file still, or the lock is on one that has gone and that nobody else will look at.
            if (!before.equals(key(file))) {
                return null;
            }
            LockFile taken = new LockFile(file, content);
            taken.sign();
            kept = true;
            return taken;
        } catch (NoSuchFileException e) {
            return null;
        } finally {
            if (content != null && !kept) {
                content.close();
            }
        }
    }

    private static Object key(Path file) throws IOException {
        @Nullable
        Object key = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        return key == null ? file : key;
    }

    private static boolean lock(RandomAccessFile content, Path folder) {
        try {
            @Nullable FileLock lock = content.getChannel().tryLock(TemporaryFile.PLACE, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            LOG.warn(
                    "{} lies on a file system without locks ({}): two runs that write into it would not notice each other",
                    folder,
                    e.getMessage());
            return true;
        }
    }

    private static String owner(RandomAccessFile content) throws IOException {
        byte[] bytes = new byte[LONGEST_TEXT];
        int length = Math.max(0, content.read(bytes));
        Matcher text = TEXT.matcher(new String(bytes, 0, length, StandardCharsets.UTF_8));
        return text.matches()
                ? "process " + text.group(1) + " on " + text.group(2) + " (since " + text.group(3) + ")"
                : "another process";
    }

    /** What it says is for people alone: a full disk must not keep anybody from trying. */
    private void sign() {
        String text = "process " + ProcessHandle.current().pid() + " on " + host() + " since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
        try {
            content.setLength(0);
            content.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("cannot write into {}", file, e);
        }
    }

    /** Not by the network, which can take its time. */
    private static String host() {
        for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME"}) {
            @Nullable String name = System.getenv(variable);
            if (name != null && !name.isBlank()) {
                return name;
            }
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "localhost";
        }
    }

    void release() {
        try (content) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays, which says nothing any more", file, e);
        }
    }
}
