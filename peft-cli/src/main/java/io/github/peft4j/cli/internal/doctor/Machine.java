package io.github.peft4j.cli.internal.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the checks look at: the system's files, the environment, and the folder of the command.
 *
 * @param root of the file system; a folder with copies in tests
 * @param environment variables
 */
public record Machine(Path root, Map<String, String> environment) {

    /** This one. */
    public static Machine here() {
        return new Machine(Path.of("/"), System.getenv());
    }

    /** A file's first value after a name and a colon, as in /proc. */
    Optional<String> value(String file, String name) {
        return lines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .filter(rest -> rest.startsWith(":"))
                .map(rest -> rest.substring(1).strip())
                .findFirst();
    }

    /** A file's lines; none if it cannot be read. */
    List<String> lines(String file) {
        Path path = root.resolve(file);
        try {
            return Files.isRegularFile(path) ? Files.readAllLines(path, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The names in a folder; none if there is no such folder. */
    List<String> names(String folder) {
        Path path = root.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A variable, or null if it is not set or empty. */
    @Nullable
    String variable(String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
