package io.github.peft4j.cli.internal.doctor;

import io.github.peft4j.cli.internal.console.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** Disks, file names and what has been downloaded. */
final class StorageChecks {

    /** What the engine's libraries take where they are unpacked. */
    private static final long ENGINE = 600 * Sizes.MIB;

    private static final long SCRATCH = 100 * Sizes.MIB;

    private StorageChecks() {}

    /**
     * Where the engine is unpacked.
     *
     * @param folder where the Deep Java Library keeps PyTorch
     */
    static Finding engineCache(Path folder) {
        boolean there = unpacked(folder);
        String found = folder + (there ? ", with an engine unpacked" : ", nothing unpacked yet") + ", " + free(folder);
        if (!writable(folder) && !there) {
            return Finding.missing(
                    "engine cache", found + ", not writable", "set DJL_CACHE_DIR to a folder that you may write");
        }
        return !there && freeBytes(folder) < ENGINE
                ? Finding.missing(
                        "engine cache",
                        found,
                        "the engine takes " + Sizes.shown(ENGINE) + ": make room, or set DJL_CACHE_DIR to another disk")
                : Finding.good("engine cache", found);
    }

    /** Where temporary files go. */
    static Finding temporaryFiles() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        String found = folder + ", " + free(folder);
        return !writable(folder) || freeBytes(folder) < SCRATCH
                ? Finding.missing(
                        "temporary files",
                        found,
                        "make room, or name another folder with PEFT4J_JAVA_OPTS=-Djava.io.tmpdir=FOLDER")
                : Finding.good("temporary files", found);
    }

    /** Whether every file name can be told. */
    static Finding fileNames() {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        return encoding.toUpperCase(Locale.ROOT).equals("UTF-8")
                        || System.getProperty("os.name").startsWith("Win")
                ? Finding.good("file names", "in " + encoding)
                : Finding.poor(
                        "file names",
                        "in " + encoding,
                        "files whose names have other letters cannot be opened: set LC_ALL=C.UTF-8");
    }

    /**
     * What Hugging Face's tools have downloaded.
     *
     * @param folder their cache
     */
    static Finding hubCache(Path folder) {
        try (Stream<Path> entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            long models = entries.filter(
                            entry -> String.valueOf(entry.getFileName()).startsWith("models--"))
                    .count();
            return Finding.good(
                    "hub cache",
                    folder + ": " + (models == 0 ? "no models" : models + (models == 1 ? " model" : " models")));
        } catch (IOException e) {
            return Finding.poor("hub cache", folder + " cannot be read: " + e.getMessage(), "see its permissions");
        }
    }

    private static boolean unpacked(Path folder) {
        try (Stream<Path> entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            return entries.anyMatch(entry -> Files.isRegularFile(entry.resolve(System.mapLibraryName("torch"))));
        } catch (IOException e) {
            return false;
        }
    }

    private static Path there(Path folder) {
        Path path = folder.toAbsolutePath();
        while (!Files.exists(path) && path.getParent() != null) {
            path = Objects.requireNonNull(path.getParent());
        }
        return path;
    }

    private static boolean writable(Path folder) {
        Path path = there(folder);
        return Files.isDirectory(path) && Files.isWritable(path);
    }

    private static String free(Path folder) {
        long bytes = freeBytes(folder);
        return bytes == Long.MAX_VALUE ? "free space unknown" : Sizes.shown(bytes) + " free";
    }

    private static long freeBytes(Path folder) {
        try {
            return Files.getFileStore(there(folder)).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
