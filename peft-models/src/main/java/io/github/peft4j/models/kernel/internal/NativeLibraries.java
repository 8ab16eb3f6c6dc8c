package io.github.peft4j.models.kernel.internal;

import ai.djl.util.Platform;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.internal.natives.NativeLoading;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which native libraries the engine needs on this platform, and what is the matter if it cannot be loaded. */
final class NativeLibraries {

    private static final String HOW = "docs/how-to/use-it-from-your-build.md has the whole list";
    private static final String HOW_ON_GPU = "docs/how-to/gpu.md tells the way";

    /** Platforms for which the engine is published. */
    private static final Set<String> PLATFORMS =
            new TreeSet<>(Set.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64"));

    private static final List<String> FLAVORS = List.of("cpu", "cu128");

    private static final Pattern VERSION = Pattern.compile("__version__ = '([^']{1,50})'");

    private NativeLibraries() {}

    /**
     * A variable that names libraries is an order: where it leads to none, others would be taken without a word, and libraries that do not
     * go with the bridge end the process.
     *
     * @throws EngineUnavailableException if there is none, of another version, or without a bridge
     */
    static void requireThoseNamed() {
        String named = setting("PYTORCH_LIBRARY_PATH");
        if (named == null) {
            return;
        }
        String library = System.mapLibraryName("torch");
        Path folder = Arrays.stream(named.split(File.pathSeparator, -1))
                .map(Path::of)
                .map(path -> path.endsWith(library) ? Objects.requireNonNullElse(path.getParent(), path) : path)
                .filter(path -> Files.isRegularFile(path.resolve(library)))
                .findFirst()
                .orElseThrow(
                        () -> new EngineUnavailableException("PYTORCH_LIBRARY_PATH=" + named + " leads to no " + library
                                + ": expected a folder with PyTorch's libraries, such as site-packages/torch/lib; "
                                + HOW_ON_GPU));
        Platform platform = platform();
        requireVersion(folder, release(platform));
        if (!Files.isRegularFile(folder.resolve(System.mapLibraryName("djl_torch")))) {
            requireBridge(platform);
        }
    }

    /** A Python wheel says its version beside its libraries. */
    private static void requireVersion(Path folder, String release) {
        Path says = folder.resolveSibling("version.py");
        try {
            Matcher version = Files.isRegularFile(says) ? VERSION.matcher(Files.readString(says)) : null;
            if (version != null && version.find() && !version.group(1).matches(Pattern.quote(release) + "([+].*)?")) {
                throw new EngineUnavailableException(
                        "PYTORCH_LIBRARY_PATH leads to PyTorch " + version.group(1) + " at " + folder + ": expected "
                                + release + "; pip install torch==" + release + ", and " + HOW_ON_GPU);
            }
        } catch (IOException e) {
            throw new EngineUnavailableException("cannot read " + says + ": " + e.getMessage(), e);
        }
    }

    private static void requireBridge(Platform platform) {
        String flavor = setting("PYTORCH_FLAVOR");
        List<String> bridges = FLAVORS.stream()
                .filter(one -> resource(
                        "jnilib/" + platform.getClassifier() + "/" + one + "/" + System.mapLibraryName("djl_torch")))
                .toList();
        if (!bridges.isEmpty() && (flavor == null || !bridges.contains(flavor))) {
            throw new EngineUnavailableException("PYTORCH_LIBRARY_PATH is set, and PYTORCH_FLAVOR "
                    + (flavor == null ? "is not" : "is " + flavor) + ": expected one of " + bridges
                    + ", those in the jar of ai.djl.pytorch:pytorch-jni; " + HOW_ON_GPU);
        }
    }

    /** Why the engine could not be loaded. */
    static EngineUnavailableException unavailable(Throwable e) {
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            return new EngineUnavailableException(
                    "PyTorch's native libraries are not on the class path: add " + String.join(" and ", missing)
                            + " with scope runtime; " + HOW,
                    e);
        }
        String reason = reason(e);
        return new EngineUnavailableException("PyTorch cannot be loaded: " + reason + advice(reason), e);
    }

    /** The artifacts of this platform that are not on the class path; none if other libraries are named. */
    private static List<String> missing() {
        Platform platform = platform();
        List<String> missing = new ArrayList<>();
        if (setting("PYTORCH_LIBRARY_PATH") == null && !resource("native/lib/pytorch.properties")) {
            missing.add(
                    PLATFORMS.contains(platform.getClassifier())
                            ? "ai.djl.pytorch:pytorch-native-cpu:" + platform.getVersion() + ":"
                                    + platform.getClassifier()
                            : "a PyTorch " + platform.getVersion() + " for " + platform.getClassifier()
                                    + ", of which none is published (there are " + String.join(", ", PLATFORMS) + "),");
        }
        if (!resource("jnilib/pytorch.properties")) {
            missing.add("ai.djl.pytorch:pytorch-jni:" + platform.getVersion() + "-" + platform.getApiVersion());
        }
        return missing;
    }

    private static String reason(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? deepest.getClass().getSimpleName() : message;
    }

    private static String advice(String reason) {
        if (reason.contains("libcuda.so")) {
            return ". This PyTorch is for CUDA, but there is no NVIDIA driver here (libcuda.so.1 comes with it): install one,"
                    + " or leave PYTORCH_LIBRARY_PATH out and compute on the CPU";
        }
        if (reason.contains("GLIBC") || reason.contains("ld-linux") || reason.contains("Error relocating")) {
            return ". The libraries need glibc 2.28 or newer: a distribution such as Debian or Ubuntu, not Alpine";
        }
        if (reason.contains("No space left")) {
            return ". The libraries are unpacked to ~/.djl.ai, half a gigabyte: make room there, or name another folder by"
                    + " DJL_CACHE_DIR";
        }
        return "";
    }

    /** The engine's version without the build's date. */
    static String release() {
        return release(platform());
    }

    private static String release(Platform platform) {
        return platform.getVersion().replaceFirst("-.*", "");
    }

    private static Platform platform() {
        return NativeLoading.fromClassPath(() -> Platform.fromSystem("pytorch"));
    }

    private static boolean resource(String name) {
        return Objects.requireNonNull(NativeLibraries.class.getClassLoader()).getResource(name) != null;
    }

    /** As the engine reads it: the environment goes before a property. */
    private static @Nullable String setting(String name) {
        String value = System.getenv(name);
        String chosen = value == null ? System.getProperty(name) : value;
        return chosen == null || chosen.isEmpty() ? null : chosen;
    }
}
