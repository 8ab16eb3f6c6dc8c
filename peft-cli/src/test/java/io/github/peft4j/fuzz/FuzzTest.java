package io.github.peft4j.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of file that comes from outside, changed in every way that its form suggests: what is bad is refused with the documented exception and a
 * message that can be shown, and nothing else happens. A failure is a process that ends, any other exception, more than 10 seconds or 1 GiB, a
 * file touched outside the folder, or a message that is not bounded and printable.
 *
 * <p>The inputs follow from a format's name and a number, so that {@code -Dfuzz.cases=N} always gives the same ones; {@code -Dfuzz.formats=a,b} takes
 * some formats and {@code -Dfuzz.first=N} leaves out the cases before N. The folders of failures are kept in {@code target/fuzz}; once mended, each
 * becomes a folder in {@code src/test/resources/fuzz/found}, with a word for its number, that is read anew with every build.
 *
 * <p>The mutators are our own. Jazzer's, guided by coverage, would find its way deeper into a parser, but it runs one target in one process that ends
 * with the first crash, gives no fixed number of equal cases for a build, and knows nothing of a file's folder.
 */
@Tag("fuzz")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a file that is still mapped cannot be replaced there")
final class FuzzTest {

    private static final int CASES = Integer.getInteger("fuzz.cases", 2000);

    private static final long FIRST = Long.getLong("fuzz.first", 0);

    private static final int WORKERS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private static final int MOST_SHOWN = 200;

    private static final Path KEPT = Path.of(System.getProperty("fuzz.kept", "target/fuzz"));

    @TempDir
    private Path work;

    private static List<String> formats() {
        String chosen = System.getProperty("fuzz.formats", "");
        return chosen.isEmpty() ? Formats.NAMES : List.of(chosen.split(","));
    }

    @Test
    void everyFileIsReadOrRefused() throws Exception {
        Queue<String> formats = new ConcurrentLinkedQueue<>(formats());
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        Queue<String> counts = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < WORKERS; i++) {
            Path own = work.resolve("worker-" + i);
            Thread thread = new Thread(() -> {
                try (Fuzzer fuzzer = new Fuzzer(own)) {
                    for (String format; (format = formats.poll()) != null; ) {
                        counts.add(fuzzer.run(format, FIRST, FIRST + CASES));
                    }
                    failures.addAll(fuzzer.failures());
                    keep(own.resolve("kept"));
                } catch (Exception e) {
                    broken.add(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        counts.forEach(System.err::println);
        assertThat(broken).isEmpty();
        assertThat(failures.stream().limit(MOST_SHOWN))
                .as(failures.size() + " failures, whose folders are in " + KEPT.toAbsolutePath())
                .isEmpty();
    }

    private static void keep(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> cases = Files.list(folder)) {
            for (Path each : cases.toList()) {
                Sample.of(each).write(KEPT.resolve(each.getFileName()));
            }
        }
    }
}
