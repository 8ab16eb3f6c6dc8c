package io.github.peft4j.cli.internal.doctor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What {@link EngineProbe} answered.
 *
 * @param answers by name
 * @param failure what became of the process, if it did not end by itself
 */
record Probed(Map<String, String> answers, @Nullable String failure) {

    /** The first start unpacks half a gigabyte. */
    private static final long SECONDS = 120;

    /** Starts the probe, on the class path and with the settings of this process. */
    static Probed start() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-D"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EngineProbe.class.getName()));
        try {
            return read(new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            return new Probed(Map.of(), "a Java process cannot be started: " + e.getMessage());
        }
    }

    private static Probed read(Process process) throws IOException {
        Map<String, String> answers = new HashMap<>();
        String last = "";
        Thread watch = new Thread(() -> endInTime(process), "watch");
        watch.setDaemon(true);
        watch.start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int equals = line.indexOf('=');
                if (line.startsWith(EngineProbe.MARK) && equals > 0) {
                    answers.put(line.substring(EngineProbe.MARK.length(), equals), line.substring(equals + 1));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    last = line.strip();
                }
            }
        }
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return new Probed(answers, "interrupted");
        }
        return new Probed(answers, code == 0 ? null : "the process ended with code " + code + ": " + last);
    }

    private static void endInTime(Process process) {
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    /** An answer, or nothing. */
    String answer(String name) {
        return answers.getOrDefault(name, "");
    }
}
