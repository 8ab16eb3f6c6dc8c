package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.kernel.EngineStart;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the engine is found and what is said if it is not, each in a process of its own. */
final class TorchEngineTest {

    @TempDir
    private Path folder;

    private static List<String> start(Predicate<String> classPath, Map<String, String> environment) throws Exception {
        String jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(classPath)
                .collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder builder = EngineStart.process(jars);
        // What the build tells its tests must not be what keeps the program from the network.
        builder.environment().keySet().removeAll(List.of("DJL_OFFLINE", "OPT_OUT_TRACKING", "RUST_FLAVOR"));
        builder.environment().putAll(environment);
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (InputStream out = process.getInputStream()) {
            List<String> lines = new String(out.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(process.waitFor()).isZero();
            // Logging shares standard output here.
            return lines.stream()
                    .filter(line -> !line.matches("[0-9:.]+ \\[.*"))
                    .toList();
        }
    }

    private static List<String> start(Map<String, String> environment) throws Exception {
        return start(jar -> true, environment);
    }

    @Test
    void itIsFoundFromAnyThreadAndLeavesNoSettingBehind() throws Exception {
        assertThat(start(Map.of())).containsExactly("loaded 2.7.1 on cpu()", "loaded 2.7.1 on cpu()", "offline null");
    }

    @Test
    void librariesThatAreNotThereAreNamedAtEveryAttempt() throws Exception {
        List<String> lines = start(jar -> !jar.contains("pytorch-native") && !jar.contains("pytorch-jni"), Map.of());
        assertThat(lines.get(0))
                .matches("PyTorch's native libraries are not on the class path: add"
                        + " ai\\.djl\\.pytorch:pytorch-native-cpu:2\\.7\\.1:[a-z0-9_-]+ and"
                        + " ai\\.djl\\.pytorch:pytorch-jni:2\\.7\\.1-0\\.36\\.0 with scope runtime;"
                        + " docs/how-to/use-it-from-your-build\\.md has the whole list");
        assertThat(lines.get(1)).isEqualTo(lines.get(0));
    }

    @Test
    void aFolderThatHoldsNoPyTorchIsRefused() throws Exception {
        assertThat(start(Map.of("PYTORCH_LIBRARY_PATH", folder.toString())).get(0))
                .startsWith("PYTORCH_LIBRARY_PATH=" + folder + " leads to no " + System.mapLibraryName("torch"))
                .contains("docs/how-to/gpu.md");
    }

    @Test
    void aFlavorWithoutABridgeIsRefused() throws Exception {
        Files.createFile(folder.resolve(System.mapLibraryName("torch")));
        Map<String, String> named = Map.of("PYTORCH_LIBRARY_PATH", folder.toString());
        assertThat(start(named).get(0)).contains("PYTORCH_FLAVOR is not: expected one of [cpu");
        assertThat(start(Map.of("PYTORCH_LIBRARY_PATH", folder.toString(), "PYTORCH_FLAVOR", "cu128-precxx11"))
                        .get(0))
                .contains("PYTORCH_FLAVOR is cu128-precxx11: expected one of [cpu");
    }

    @Test
    void aPyTorchOfAnotherVersionIsRefused() throws Exception {
        Path lib = Files.createDirectories(folder.resolve("torch").resolve("lib"));
        Files.createFile(lib.resolve(System.mapLibraryName("torch")));
        Files.writeString(
                folder.resolve("torch").resolve("version.py"), "__version__ = '2.9.0+cu128'\ndebug = False\n");
        assertThat(start(Map.of("PYTORCH_LIBRARY_PATH", lib.toString(), "PYTORCH_FLAVOR", "cpu"))
                        .get(0))
                .contains("PyTorch 2.9.0+cu128")
                .contains("expected 2.7.1");
    }
}
