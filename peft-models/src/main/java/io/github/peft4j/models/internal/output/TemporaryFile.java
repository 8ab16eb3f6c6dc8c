package io.github.peft4j.models.internal.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hidden file that a process writes before it gets its name, {@code .NAME.peft4j-PROCESS-N.tmp}, locked for as long as the process writes it.
 *
 * <p>The lock is the operating system's and ends with the process, however that ends. So {@link #sweep} can tell what a dead process left
 * behind from what a living one is at, on whatever machine or in whatever container that runs and whatever numbers processes have there. Where
 * a file system has no locks, nothing is swept. Not safe for concurrent use.
 */
public final class TemporaryFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TemporaryFile.class);

    /** This process among all: numbers of processes come again. */
    private static final String PROCESS = HexFormat.of().toHexDigits(new SecureRandom().nextLong());

    private static final Pattern NAME = Pattern.compile("\\..+\\.peft4j-([0-9a-f]{16})-\\d{1,19}\\.tmp");

    /** Far behind the content: where locks bind, it can still be read. */
    static final long PLACE = Long.MAX_VALUE - 1;

    private static final AtomicLong COUNTER = new AtomicLong();

    private final Path path;
    private final FileChannel channel;

    private TemporaryFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * An empty file with the usual permissions.
     *
     * @param name the plain name that it is to get
     * @throws IOException if there cannot be one
     */
    public static TemporaryFile in(Path folder, String name) throws IOException {
        return make(folder, name);
    }

    /**
     * {@link #in}, but for its owner alone where files have owners: for what is not to be changed by others meanwhile, in a folder that
     * others may write into.
     */
    public static TemporaryFile ofOwner(Path folder, String name) throws IOException {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? make(folder, name, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : make(folder, name);
    }

    private static TemporaryFile make(Path folder, String name, FileAttribute<?>... attributes) throws IOException {
        while (true) {
            Path path = folder.resolve("." + name + ".peft4j-" + PROCESS + "-" + COUNTER.incrementAndGet() + ".tmp");
            FileChannel channel;
            try {
                channel = FileChannel.open(
                        path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            // Somebody who sweeps may have been faster.
            if (isOurs(channel) && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return new TemporaryFile(path, channel);
            }
            channel.close();
        }
    }

    private static boolean isOurs(FileChannel channel) {
        try {
            return channel.tryLock(PLACE, 1, false) != null;
        } catch (IOException e) {
            // No locks here; then nobody sweeps either.
            return true;
        }
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** The way to write it; a second one, once closed, could undo the lock. */
    public FileChannel channel() {
        return channel;
    }

    /** Writes all of a file that has nothing in it. */
    public void write(byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Gives up the lock; the file stays, if it has its name by now, or is removed. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }

    /**
     * Removes such files of dead processes from a folder. What cannot be read, locked or removed stays.
     *
     * @param folder need not exist
     */
    public static void sweep(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> left;
        try (Stream<Path> entries = Files.list(folder)) {
            left = entries.filter(TemporaryFile::isAnothers).toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            LOG.debug("cannot look for left-over files in {}", folder, e);
            return;
        }
        left.forEach(TemporaryFile::removeIfLeft);
    }

    /** This process's own must not even be opened: closing a second channel on a file can undo the lock of the first. */
    private static boolean isAnothers(Path file) {
        @Nullable Path name = file.getFileName();
        Matcher matcher = NAME.matcher(String.valueOf(name));
        return matcher.matches()
                && !matcher.group(1).equals(PROCESS)
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static void removeIfLeft(Path file) {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
                FileLock lock = channel.tryLock(PLACE, 1, false)) {
            if (lock != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("{} stays, which may be left over from a process that died", file, e);
        }
    }
}
