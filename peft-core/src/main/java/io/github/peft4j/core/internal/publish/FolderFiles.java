package io.github.peft4j.core.internal.publish;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All files of a folder by their path in it, in alphabetical order; and what nobody else should have, with the reason, a folder as one.
 *
 * @param found files that may be given to others
 * @param kept what may not, and why
 */
record FolderFiles(Map<String, Path> found, Map<String, String> kept) {

    private static final int MOST_FILES = 100_000;

    /** Looks through a folder; links to folders are not followed. */
    static FolderFiles of(Path folder) throws CheckpointException {
        FolderFiles files = new FolderFiles(new TreeMap<>(), new TreeMap<>());
        try {
            Files.walkFileTree(folder, files.visitor(folder));
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read the folder " + folder + ": " + FileProblem.of(e), e);
        }
        return files;
    }

    private SimpleFileVisitor<Path> visitor(Path folder) {
        return new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = String.valueOf(directory.getFileName());
                @Nullable String reason = directory.equals(folder) ? null : OwnFiles.secret(name);
                if (reason == null) {
                    return FileVisitResult.CONTINUE;
                }
                kept.put(path(folder, directory) + "/", reason);
                return FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (found.size() + kept.size() >= MOST_FILES) {
                    throw new CheckpointException(folder + " holds more than " + MOST_FILES
                            + " files: that is no folder of an adapter or a checkpoint alone");
                }
                take(folder, file);
                return FileVisitResult.CONTINUE;
            }
        };
    }

    private void take(Path folder, Path file) {
        String path = path(folder, file);
        String reason = OwnFiles.secret(String.valueOf(file.getFileName()));
        if (reason == null) {
            reason = unusable(folder, file, path);
        }
        if (reason == null) {
            found.put(path, file);
        } else {
            kept.put(path, reason);
        }
    }

    private static @Nullable String unusable(Path folder, Path file, String path) {
        try {
            UntrustedFolder.file(folder, path);
        } catch (CheckpointException e) {
            return "a link that leads out of the folder";
        }
        return Files.isRegularFile(file) ? null : "not a regular file";
    }

    private static String path(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }
}
