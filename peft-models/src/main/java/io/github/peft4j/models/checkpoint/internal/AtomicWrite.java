package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.internal.output.TemporaryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files of one folder that appear together or not at all: each is written under a temporary name beside its target and forced to
 * disk; {@link #commit} renames them in the order of writing, so the file that makes the others count should come last.
 *
 * <pre>{@code
 * try (AtomicWrite write = AtomicWrite.into(folder)) {
 *     write.file("adapter_model.safetensors", channel -> SafetensorsWriter.write(channel, metadata, tensors));
 *     write.text("adapter_config.json", json);
 *     write.commit();
 * }
 * }</pre>
 *
 * <p>Whatever fails before the commit leaves the folder as it was and no temporary file behind; what a process that was killed left behind
 * goes when somebody writes into the folder next. A reader that has the old file mapped keeps the old content. Not safe for concurrent use.
 */
public final class AtomicWrite implements AutoCloseable {

    private final Path folder;
    private final List<Staged> staged = new ArrayList<>();
    private final Set<String> removals = new LinkedHashSet<>();

    private record Staged(TemporaryFile temporary, Path target) {}

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes everything, from position 0 on; forcing and closing are not its business.
         *
         * @param channel an empty file
         * @throws IOException if writing fails; the target is then left alone
         */
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicWrite(Path folder) {
        this.folder = folder;
    }

    /**
     * Begins to write into a folder.
     *
     * @param folder the folder of all files; created with its parents when the first file is written
     * @return nothing visible yet; close it to remove what was not committed
     */
    public static AtomicWrite into(Path folder) {
        return new AtomicWrite(folder);
    }

    /**
     * Writes one file and commits it.
     *
     * @param target the file, replaced if it exists
     * @param content what it shall hold
     * @throws IOException if writing fails; the target is then as it was
     */
    public static void toFile(Path target, Content content) throws IOException {
        Path absolute = target.toAbsolutePath();
        @Nullable Path parent = absolute.getParent();
        @Nullable Path name = absolute.getFileName();
        if (parent == null || name == null) {
            throw new IOException("cannot write " + target + ": it is not a file name");
        }
        try (AtomicWrite write = into(parent)) {
            write.file(name.toString(), content);
            write.commit();
        }
    }

    /**
     * Writes one text file in UTF-8 and commits it.
     *
     * @param target the file, replaced if it exists
     * @param text what it shall hold
     * @throws IOException if writing fails; the target is then as it was
     */
    public static void toFile(Path target, String text) throws IOException {
        toFile(target, textContent(text));
    }

    /**
     * Writes a file under a temporary name and forces it to disk.
     *
     * @param name the plain name it gets at the commit
     * @param content what it shall hold
     * @throws IOException if writing fails
     */
    public void file(String name, Content content) throws IOException {
        Path target = target(name);
        try {
            // createDirectories refuses an existing folder behind a symbolic link.
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
            }
            if (staged.isEmpty()) {
                TemporaryFile.sweep(folder);
            }
            TemporaryFile temporary = TemporaryFile.in(folder, name);
            staged.add(new Staged(temporary, target));
            content.writeTo(temporary.channel());
            temporary.channel().force(true);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("cannot write " + target + ": " + FileProblem.of(e), e);
        }
    }

    /**
     * Writes a text file in UTF-8, as {@link #file}.
     *
     * @param name the plain name it gets at the commit
     * @param text what it shall hold
     * @throws IOException if writing fails
     */
    public void text(String name, String text) throws IOException {
        file(name, textContent(text));
    }

    /**
     * Removes, at the end of the commit, a file that the new state no longer has. Nothing happens if it is not there.
     *
     * @param name a plain name
     */
    public void remove(String name) {
        target(name);
        removals.add(name);
    }

    /**
     * Gives every file its name, then removes what {@link #remove} named.
     *
     * @throws IOException if a file cannot be renamed; those before it are then in place
     */
    public void commit() throws IOException {
        while (!staged.isEmpty()) {
            Staged next = staged.get(0);
            rename(next);
            next.temporary.close();
            staged.remove(0);
            removals.remove(String.valueOf(next.target().getFileName()));
        }
        for (String name : removals) {
            Files.deleteIfExists(folder.resolve(name));
        }
        removals.clear();
        forceFolder();
    }

    /** Removes the temporary files that were not committed. */
    @Override
    public void close() {
        for (Staged file : staged) {
            try {
                file.temporary.close();
            } catch (IOException e) {
                // It stays behind under its hidden temporary name; what is being reported matters more.
            }
        }
        staged.clear();
    }

    private Path target(String name) {
        Path target = folder.resolve(name);
        if (!folder.equals(target.getParent()) || target.equals(folder.resolve(".."))) {
            throw new IllegalArgumentException("expected a plain file name, got " + Printable.quoted(name));
        }
        return target;
    }

    private static void rename(Staged file) throws IOException {
        try {
            try {
                Files.move(
                        file.temporary.path(),
                        file.target(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(file.temporary.path(), file.target(), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new IOException("cannot write " + file.target() + ": " + FileProblem.of(e), e);
        }
    }

    private void forceFolder() {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not every platform lets a folder be opened; the renames then reach the disk when the system sees fit.
        }
    }

    private static Content textContent(String text) {
        return channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        };
    }
}
