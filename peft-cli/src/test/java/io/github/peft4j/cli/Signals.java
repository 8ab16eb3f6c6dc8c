package io.github.peft4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.List;

/** Signals to processes that tests start. */
final class Signals {

    private Signals() {}

    /**
     * What comes before a command that is to hear signals: a process that a shell starts in the background begins with Ctrl-C ignored, which
     * its children inherit and the command respects; {@code env} undoes that where it can.
     */
    static List<String> heard() throws IOException {
        List<String> env = List.of("env", "--default-signal=INT,TERM");
        try {
            Process trial = new ProcessBuilder(env).start();
            try (InputStream names = trial.getInputStream()) {
                names.readAllBytes();
            }
            return trial.waitFor() == 0 ? env : List.of();
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            throw new InterruptedIOException(e.getMessage());
        }
    }

    /** Sends a signal, by name. */
    static void send(Process process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }
}
