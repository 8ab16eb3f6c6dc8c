package io.github.peft4j.cli.internal.doctor;

import java.util.Locale;

/** Sizes of memory as people write them. */
final class Sizes {

    static final long MIB = 1L << 20;
    static final long GIB = 1L << 30;

    private Sizes() {}

    /** {@code 21.3 GiB}, {@code 512 MiB}. */
    static String shown(long bytes) {
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
                : String.format(Locale.ROOT, "%d MiB", bytes / MIB);
    }
}
