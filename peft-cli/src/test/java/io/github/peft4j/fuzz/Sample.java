package io.github.peft4j.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a folder.
 *
 * @param files by name
 */
record Sample(Map<String, byte[]> files) {

    /** A single file. */
    static Sample of(String name, byte[] content) {
        return new Sample(Map.of(name, content));
    }

    /** A single file of text. */
    static Sample of(String name, String content) {
        return of(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The files of a folder and of those below. */
    static Sample of(Path folder) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path file : entries.filter(Files::isRegularFile).sorted().toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return new Sample(files);
    }

    /** The samples of folders. */
    static List<Sample> of(Path... folders) throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (Path folder : folders) {
            samples.add(of(folder));
        }
        return samples;
    }

    /** The same folder with another file. */
    Sample with(String name, byte[] content) {
        Map<String, byte[]> more = new LinkedHashMap<>(files);
        more.put(name, content);
        return new Sample(more);
    }

    /** The same folder with another file of text. */
    Sample with(String name, String content) {
        return with(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The same folder without a file. */
    Sample without(String name) {
        Map<String, byte[]> fewer = new LinkedHashMap<>(files);
        fewer.remove(name);
        return new Sample(fewer);
    }

    /** Writes all files into a folder, which then holds nothing else. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path file : entries.skip(1).sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.createDirectories(target.getParent());
            Files.write(target, file.getValue());
        }
    }
}
