package io.github.peft4j.benchmarks;

import java.util.Arrays;

/** Sizes as parameters name them, {@code 512x576x1536}. */
final class Sizes {

    private Sizes() {}

    static long[] of(String text) {
        return Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray();
    }
}
