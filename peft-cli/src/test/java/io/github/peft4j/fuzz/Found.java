package io.github.peft4j.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Inputs that were failures once: folders {@code FORMAT-WORD} of the test's resources, read anew before anything is changed. */
final class Found {

    private Found() {}

    /** Those of a format, in the order of their names. */
    static List<Sample> of(String format) throws IOException {
        URL all = Found.class.getResource("/fuzz/found");
        List<Sample> found = new ArrayList<>();
        if (all == null) {
            return found;
        }
        try (Stream<Path> folders = Files.list(Path.of(all.toURI()))) {
            for (Path folder : folders.sorted().toList()) {
                if (String.valueOf(folder.getFileName())
                        .replaceFirst("-\\w+$", "")
                        .equals(format)) {
                    found.add(Sample.of(folder));
                }
            }
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        return found;
    }
}
