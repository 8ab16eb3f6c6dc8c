package io.github.peft4j.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Sees which files this process reads and writes, by Java's flight recorder; mapped memory is not seen, but whatever is mapped is read first. */
final class FileWatch implements AutoCloseable {

    private final Recording recording = new Recording();

    private FileWatch() {}

    static FileWatch begin() {
        FileWatch watch = new FileWatch();
        watch.recording.enable("jdk.FileRead").withoutThreshold().withoutStackTrace();
        watch.recording.enable("jdk.FileWrite").withoutThreshold().withoutStackTrace();
        watch.recording.setToDisk(true);
        watch.recording.start();
        return watch;
    }

    /**
     * A file that has no business here.
     *
     * @param at when it was read or written
     */
    record Stranger(Instant at, String path) {}

    /**
     * Ends, and returns every access to a file that is none of Java's and no library.
     *
     * @param known folders and files that may be read and written
     */
    List<Stranger> end(Path scratch, List<Path> known) throws IOException {
        recording.stop();
        Path dump = scratch.resolve("files.jfr");
        recording.dump(dump);
        List<Stranger> strangers = new ArrayList<>();
        try (RecordingFile events = new RecordingFile(dump)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                String path = event.getString("path");
                if (path != null && !isAllowed(Path.of(path), known)) {
                    strangers.add(new Stranger(event.getStartTime(), path));
                }
            }
        }
        Files.delete(dump);
        return strangers;
    }

    private static boolean isAllowed(Path path, List<Path> known) {
        return Stream.of(
                        known.stream(),
                        Stream.of(System.getProperty("java.home"), "/proc", "/sys")
                                .map(Path::of),
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(Path::of))
                .flatMap(paths -> paths)
                .anyMatch(path.toAbsolutePath().normalize()::startsWith);
    }

    @Override
    public void close() {
        recording.close();
    }
}
