package io.github.peft4j.models.checkpoint.internal;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The element type of a stored tensor, under its safetensors name.
 *
 * <p>The order of the constants is that of the safetensors library; a written file holds the types from the last to the first,
 * so do not sort them.
 */
public enum StoredType {
    /** One byte, 0 or 1. */
    BOOL(1),
    /** Unsigned byte. */
    U8(1),
    /** Signed byte. */
    I8(1),
    /** Float of 8 bits, 5 of them exponent. */
    F8_E5M2(1),
    /** Float of 8 bits, 4 of them exponent. */
    F8_E4M3(1),
    /** Power of two, 8 bits of exponent. */
    F8_E8M0(1),
    /** Signed 16-bit integer. */
    I16(2),
    /** Unsigned 16-bit integer. */
    U16(2),
    /** IEEE half precision. */
    F16(2),
    /** The upper half of a single-precision float. */
    BF16(2),
    /** Signed 32-bit integer. */
    I32(4),
    /** Unsigned 32-bit integer. */
    U32(4),
    /** IEEE single precision. */
    F32(4),
    /** Two single-precision floats, a complex number. */
    C64(8),
    /** IEEE double precision. */
    F64(8),
    /** Signed 64-bit integer. */
    I64(8),
    /** Unsigned 64-bit integer. */
    U64(8);

    private static final Map<String, StoredType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(StoredType::name, type -> type));

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the bytes of one element.
     *
     * @return 1, 2, 4 or 8
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Finds a type by its safetensors name.
     *
     * @param name for instance {@code BF16}
     * @return the type, or nothing if this version does not know it
     */
    public static Optional<StoredType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
