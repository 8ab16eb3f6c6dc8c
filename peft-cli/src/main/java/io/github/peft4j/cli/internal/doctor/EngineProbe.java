package io.github.peft4j.cli.internal.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.TorchEngine;
import io.github.peft4j.models.text.Tokenizer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A program that loads the native libraries, computes something, and says how that went: if it ends the process, only this one. */
final class EngineProbe {

    /** What begins a line of the answer. */
    static final String MARK = "probe ";

    private EngineProbe() {}

    /** Tries the engine and the tokenizers. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        try {
            TorchEngine engine = TorchEngine.load();
            say(out, "version", engine.version());
            say(out, "djl", engine.djlVersion());
            say(out, "folder", engine.folder());
            say(out, "threads", engine.threads());
            try (Scope scope = Scope.open(Device.cpu())) {
                NDArray two = scope.floats(new float[] {1, 2, 3, 4}, 2, 2);
                float[] product = scope.kernels().linear(two, two, null).toFloatArray();
                say(out, "computes", product[0] == 5 && product[3] == 25);
            }
            say(out, "cuda", engine.cuda());
        } catch (RuntimeException | LinkageError e) {
            say(out, "error", message(e));
        }
        try {
            Tokenizer.requireLibrary();
            say(out, "tokenizers", "ok");
        } catch (RuntimeException | LinkageError e) {
            say(out, "tokenizers-error", message(e));
        }
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void say(PrintStream out, String name, Object value) {
        out.println(MARK + name + "=" + String.valueOf(value).replaceAll("\\s*\\R\\s*", " "));
    }
}
