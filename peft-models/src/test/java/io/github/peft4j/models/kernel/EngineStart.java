package io.github.peft4j.models.kernel;

import ai.djl.Device;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A program that only loads the engine, in a thread whose class loader sees nothing, and says how that went. */
public final class EngineStart {

    private EngineStart() {}

    /** This program in a process of its own, small and soon there. */
    public static ProcessBuilder process(String classPath) {
        return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                EngineStart.class.getName());
    }

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Thread.currentThread().setContextClassLoader(null);
        for (int attempt = 0; attempt < 2; attempt++) {
            try (Scope scope = Scope.open(Device.cpu())) {
                out.println("loaded " + TorchEngine.load().version() + " on " + scope.device());
            } catch (EngineUnavailableException e) {
                out.println(e.getMessage());
            }
        }
        out.println("offline " + System.getProperty("ai.djl.offline"));
    }
}
