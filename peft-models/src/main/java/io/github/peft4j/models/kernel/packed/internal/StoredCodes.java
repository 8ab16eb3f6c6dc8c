package io.github.peft4j.models.kernel.packed.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.PackedValues;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** Packed values from the bytes that bitsandbytes stores. */
public final class StoredCodes {

    /** Values that share a scale in 4-bit NormalFloat. */
    public static final int BLOCK = Nf4Values.BLOCK;

    /** Codes of 4 bits. */
    public static final int CODES = 16;

    /** Codes of scales. */
    public static final int NESTED_CODES = 256;

    /** How far its tables may be from ours: they are written as float32. */
    private static final float CLOSE = 1e-6f;

    private StoredCodes() {}

    /**
     * The scales of {@link #nf4}: one float32 for each block of 64 values, or its code, which stands for one of a map's 256 numbers, times a
     * float32 of each 256 codes and plus their mean.
     *
     * @param values of blocks; of 256 codes each if there are codes
     * @param codes unsigned bytes, or none
     * @param map what the codes stand for. Not always the same: bitsandbytes changes its first number when it packs on a CPU
     * @param mean added to each scale that has a code
     */
    public record Scales(float[] values, byte[] codes, float[] map, float mean) {

        /** Scales without codes. */
        public static Scales plain(float... values) {
            return new Scales(values, new byte[0], new float[0], 0);
        }

        private NDArray[] arrays(Scope owner) {
            if (codes.length == 0) {
                return new NDArray[] {owner.floats(values, values.length)};
            }
            int[] padded = new int[values.length * Nf4Values.NESTED_BLOCK];
            for (int i = 0; i < codes.length; i++) {
                padded[i] = Byte.toUnsignedInt(codes[i]);
            }
            try (NDArray wide = owner.longs(padded);
                    NDArray square = owner.kernels().reshape(wide, values.length, Nf4Values.NESTED_BLOCK)) {
                NDArray narrow =
                        (NDArray) Objects.requireNonNull(owner.library().call(owner, "to_bytes", square));
                return new NDArray[] {
                    narrow,
                    owner.floats(values, values.length),
                    owner.floats(new float[] {mean}, 1),
                    owner.floats(map, map.length)
                };
            }
        }
    }

    /**
     * Blocks of a matrix [out, in] in 4-bit NormalFloat, each with a scale.
     *
     * @throws IllegalArgumentException if it does not consist of whole ones
     */
    public static long blocks(long out, long in) {
        long values = Math.multiplyExact(out, in);
        requireEqual("values beyond whole blocks of " + BLOCK, 0, values % BLOCK);
        return values / BLOCK;
    }

    /** Scales of so many blocks' scales, where those are codes. */
    public static long scalesOfScales(long blocks) {
        return (blocks + Nf4Values.NESTED_BLOCK - 1) / Nf4Values.NESTED_BLOCK;
    }

    /**
     * A matrix [out, in] in 4-bit NormalFloat.
     *
     * @param bytes a direct buffer of out in / 2 bytes, the first of two codes in a byte's upper half; not needed afterwards
     * @throws IllegalArgumentException if the sizes do not fit each other, or the matrix does not consist of whole blocks of 64
     */
    public static PackedValues nf4(Scope owner, long out, long in, ByteBuffer bytes, Scales scales) {
        long blocks = blocks(out, in);
        requireEqual("bytes of codes", blocks * BLOCK / 2, bytes.remaining());
        if (scales.codes.length > 0) {
            requireEqual("codes of scales", blocks, scales.codes.length);
            requireEqual("numbers that codes of scales stand for", NESTED_CODES, scales.map.length);
            requireEqual("scales of scales", scalesOfScales(blocks), scales.values.length);
        } else {
            requireEqual("scales", blocks, scales.values.length);
        }
        try (NDArray stored = owner.mapped(bytes, Precision.FLOAT32, bytes.remaining() / Float.BYTES)) {
            NDArray codes = (NDArray) Objects.requireNonNull(owner.library().call(owner, "nf4_stored", stored));
            return Nf4Values.of(owner, out, in, codes, scales.arrays(owner));
        }
    }

    /**
     * A matrix [out, in] in 8-bit whole numbers.
     *
     * @param bytes a direct buffer of out in signed bytes; not needed afterwards
     * @param largest the largest absolute value of each row, which 127 stands for
     * @throws IllegalArgumentException if the sizes do not fit each other
     */
    public static PackedValues int8(Scope owner, long out, long in, ByteBuffer bytes, float[] largest) {
        requireEqual("codes", Math.multiplyExact(out, in), bytes.remaining());
        requireEqual("scales", out, largest.length);
        requireEqual("values beyond multiples of " + Float.BYTES, 0, bytes.remaining() % Float.BYTES);
        try (NDArray stored = owner.mapped(bytes, Precision.FLOAT32, bytes.remaining() / Float.BYTES)) {
            NDArray codes =
                    (NDArray) Objects.requireNonNull(owner.library().call(owner, "int8_stored", stored, out, in));
            float[] scales = new float[largest.length];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = largest[i] / 127;
            }
            return new Int8Values(codes, owner.floats(scales, out, 1));
        }
    }

    private static void requireEqual(String what, long expected, long found) {
        if (expected != found) {
            throw new IllegalArgumentException(what + ": expected " + expected + ", found " + found);
        }
    }

    /**
     * Checks the table that came with the codes, which is the same in all checkpoints.
     *
     * @throws IllegalArgumentException if it is another than {@link #nf4} unpacks with
     */
    public static void requireTable(float[] found) {
        float[] expected = Nf4Tables.codes();
        requireEqual("numbers that codes stand for", expected.length, found.length);
        for (int i = 0; i < found.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) <= CLOSE)) {
                throw new IllegalArgumentException(
                        "code " + i + " stands for " + found[i] + ", expected " + expected[i]);
            }
        }
    }

    /** Parts of a weight, one behind the other; the parts are closed. */
    static NDArray joined(Scope owner, List<NDArray> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        NDArray all = owner.kernels().concat(parts, 0);
        parts.forEach(NDArray::close);
        return all;
    }
}
