package io.github.peft4j.models.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The number formats that models compute in. */
public enum Precision {
    /** 32-bit floating point. */
    FLOAT32(6, 4),
    /** 16-bit floating point with 8 exponent bits. */
    BFLOAT16(15, 2),
    /** 16-bit floating point with 5 exponent bits. */
    FLOAT16(5, 2);

    private final int code;
    private final int bytes;

    Precision(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The name in config files, for example {@code bfloat16}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number by which TorchScript knows this format. */
    public int code() {
        return code;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * The format with a given name, with or without the prefix {@code torch.}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Precision of(String text) {
        String name = text.toLowerCase(Locale.ROOT).replaceFirst("^torch\\.", "");
        return Arrays.stream(values())
                .filter(p -> p.text().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown dtype \"" + text + "\": expected one of "
                        + Arrays.stream(values()).map(Precision::text).collect(Collectors.joining(", "))));
    }

    /**
     * The format in which a checkpoint of a named format is computed: float32 for float64, which models do not compute in, and otherwise
     * that of the name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Precision forCheckpoint(String dtype) {
        return dtype.equals("float64") || dtype.equals("torch.float64") ? FLOAT32 : of(dtype);
    }

    /**
     * The format with TorchScript's number {@code code}.
     *
     * @throws IllegalArgumentException if models do not compute in that format
     */
    public static Precision ofCode(long code) {
        for (Precision precision : values()) {
            if (precision.code == code) {
                return precision;
            }
        }
        throw new IllegalArgumentException(
                "an array of engine dtype " + code + " cannot be computed with: expected float32, bfloat16 or float16");
    }
}
