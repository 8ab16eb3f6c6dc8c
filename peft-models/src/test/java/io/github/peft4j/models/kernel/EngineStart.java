package io.github.peft4j.models.kernel;

import ai.djl.Device;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A program that only loads the engine, in a thread whose class loader sees nothing, and says how that went. */
public final class EngineStart {

    private EngineStart() {}

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
