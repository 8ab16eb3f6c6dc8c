package io.github.peft4j.training.report.internal;

import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a run was computed on and with, as far as the system tells. */
final class Computer {

    private Computer() {}

    static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "processor",
                value("/proc/cpuinfo", "model name").map(name -> name + ", ").orElse("")
                        + System.getProperty("os.arch"));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        value("/proc/meminfo", "MemTotal")
                .map(text -> text.replaceAll("\\D", ""))
                .filter(kib -> !kib.isEmpty())
                .ifPresent(kib -> facts.put(
                        "memory", String.format(Locale.ROOT, "%.1f GiB", Double.parseDouble(kib) / (1 << 20))));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("Java", Runtime.version() + ", " + System.getProperty("java.vendor"));
        facts.put(
                "peft4j",
                Objects.requireNonNullElse(Computer.class.getPackage().getImplementationVersion(), "development"));
        facts.put("PyTorch", TorchEngine.release());
        return facts;
    }

    private static Optional<String> value(String file, String name) {
        // Not through Files: its channels fail on an interrupted thread, and an interrupted run reports too.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new FileInputStream(file), StandardCharsets.ISO_8859_1))) {
            return lines.lines()
                    .filter(line -> line.startsWith(name) && line.indexOf(':') > 0)
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
