package io.github.peft4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A folder that a command writes to. Checked before any work is done, made only when there is something to write, and taken away again if
 * nothing was written after all.
 */
final class OutputFolder {

    private final Path path;
    private boolean made;

    private OutputFolder(Path path) {
        this.path = path;
    }

    /**
     * A folder that is not there yet or empty.
     *
     * @param alternative what else the user may do if it is not
     * @throws BadInput if it is not, or cannot be written
     */
    static OutputFolder fresh(Path path, String alternative) {
        OutputFolder folder = toResume(path);
        if (Files.isDirectory(path) && !isEmpty(path)) {
            throw new BadInput("the output folder " + path + " is not empty: choose another" + alternative);
        }
        return folder;
    }

    /** A folder that may hold something already. */
    static OutputFolder toResume(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new BadInput("the output folder " + path + " cannot be written: there is a file of this name");
        }
        Path there = path.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new BadInput("the output folder " + path + " cannot be written: " + there
                    + (Files.isDirectory(there) ? " does not let you write" : " is no folder"));
        }
        return new OutputFolder(path);
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new BadInput("cannot read the output folder " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Where it lies. */
    Path path() {
        return path;
    }

    /**
     * Makes it if it is not there.
     *
     * @throws BadInput if that fails
     */
    void make() {
        if (Files.isDirectory(path)) {
            return;
        }
        try {
            Files.createDirectories(path);
            made = true;
        } catch (IOException e) {
            throw new BadInput("the output folder " + path + " cannot be made: " + e, e);
        }
    }

    /** Takes it away if it was made here and nothing is in it. */
    void removeIfEmpty() {
        try {
            if (made && isEmpty(path)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // An empty folder stays behind; nothing worth an error beside whatever is being reported.
        }
    }
}
