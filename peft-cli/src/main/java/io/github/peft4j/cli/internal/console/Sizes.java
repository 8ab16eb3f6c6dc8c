package io.github.peft4j.cli.internal.console;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of memory as people write them. */
public final class Sizes {

    public static final long MIB = 1L << 20;
    public static final long GIB = 1L << 30;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?) ?([A-Za-z]+)");

    private static final Map<String, Long> UNITS = units();

    private Sizes() {}

    private static Map<String, Long> units() {
        Map<String, Long> units = new LinkedHashMap<>();
        units.put("mib", MIB);
        units.put("gib", GIB);
        units.put("tib", 1024 * GIB);
        units.put("mb", 1_000_000L);
        units.put("gb", 1_000_000_000L);
        units.put("tb", 1_000_000_000_000L);
        return units;
    }

    /** {@code 21.3 GiB}, {@code 512 MiB}. */
    public static String shown(long bytes) {
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
                : String.format(Locale.ROOT, "%d MiB", bytes / MIB);
    }

    /** The bytes of {@code 8GiB}, {@code 500 MiB}, {@code 8GB} (a billion bytes each) and their like; nothing if it is no such size. */
    public static OptionalLong bytes(String text) {
        Matcher size = SIZE.matcher(text.strip());
        Long unit = size.matches() ? UNITS.get(size.group(2).toLowerCase(Locale.ROOT)) : null;
        return unit == null
                ? OptionalLong.empty()
                : OptionalLong.of(new BigDecimal(size.group(1))
                        .multiply(BigDecimal.valueOf(unit))
                        .longValue());
    }
}
