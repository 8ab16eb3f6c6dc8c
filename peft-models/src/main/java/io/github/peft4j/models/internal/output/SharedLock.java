package io.github.peft4j.models.internal.output;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that processes wait for, so that two do not make the same file at once. It is the one that Python's {@code filelock} takes, which the hubs' clients use: {@code flock} on
 * Unix, which Java's own locks know nothing of, and on Windows a lock of the first byte, as Java's. Where neither is to be had two processes may do the same
 * work twice; nothing may depend on it but that.
 */
public final class SharedLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SharedLock.class);

    private static final int READ_WRITE = 2;
    private static final int EXCLUSIVE_AT_ONCE = 2 | 4;
    private static final int BUSY = 11;
    private static final int BUSY_ON_MAC = 35;
    private static final int MILLISECONDS_BETWEEN = 100;

    /** The system's own functions. */
    interface Unix extends Library {
        int open(String path, int flags);

        int flock(int descriptor, int operation);

        int close(int descriptor);
    }

    /** What lets go of it. */
    private final AutoCloseable held;

    private SharedLock(AutoCloseable held) {
        this.held = held;
    }

    /**
     * Waits for the lock.
     *
     * @param file made if it is not there; it stays
     * @param waiting called once if somebody else has it
     * @throws InterruptedIOException if the thread is interrupted meanwhile
     */
    public static SharedLock take(Path file, Runnable waiting) throws IOException {
        @Nullable Path folder = file.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        for (boolean first = true; ; first = false) {
            @Nullable SharedLock lock = tryTake(file);
            if (lock != null) {
                return lock;
            }
            if (first) {
                waiting.run();
            }
            try {
                Thread.sleep(MILLISECONDS_BETWEEN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    /** Takes the lock, or nothing if somebody else has it. */
    public static @Nullable SharedLock tryTake(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Locks of files stay when they are released.
        }
        @Nullable Unix unix = Platform.isWindows() ? null : unix();
        return unix == null ? ofChannel(file) : ofDescriptor(unix, file);
    }

    private static @Nullable Unix unix() {
        try {
            return Native.load("c", Unix.class);
        } catch (LinkageError e) {
            LOG.debug("no flock here, locks are Java's", e);
            return null;
        }
    }

    private static @Nullable SharedLock ofDescriptor(Unix unix, Path file) throws IOException {
        int descriptor = unix.open(file.toString(), READ_WRITE);
        if (descriptor < 0) {
            return ofChannel(file);
        }
        if (unix.flock(descriptor, EXCLUSIVE_AT_ONCE) == 0) {
            return new SharedLock(() -> unix.close(descriptor));
        }
        boolean anothers = Native.getLastError() == (Platform.isMac() ? BUSY_ON_MAC : BUSY);
        unix.close(descriptor);
        return anothers ? null : ofChannel(file);
    }

    private static @Nullable SharedLock ofChannel(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = channel.tryLock(0, 1, false) != null;
        } catch (OverlappingFileLockException e) {
            // Another thread's.
        } catch (IOException e) {
            LOG.debug("{} lies on a file system without locks", file, e);
            locked = true;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        return locked ? new SharedLock(channel) : null;
    }

    @Override
    public void close() throws IOException {
        try {
            held.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
