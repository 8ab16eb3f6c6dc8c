package io.github.peft4j.training.internal.state;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** What the operating system says about this process's memory. */
public final class ProcessMemory {

    private static final String STATUS = "/proc/self/status";
    private static final String PEAK = "VmHWM:";
    private static final String NOW = "VmRSS:";

    private ProcessMemory() {}

    /** The high-water mark of resident memory in MiB, native memory and mapped files included; 0 where the system does not tell. */
    public static long peakMib() {
        return mib(PEAK);
    }

    /** Resident memory as it is now, in MiB; 0 where the system does not tell. */
    public static long residentMib() {
        return mib(NOW);
    }

    private static long mib(String name) {
        // Not through Files: its channels fail on an interrupted thread, and an interrupted run reports too.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new FileInputStream(STATUS), StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
