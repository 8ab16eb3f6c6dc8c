package io.github.peft4j.models.kernel.packed;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.packed.internal.Int8Values;
import io.github.peft4j.models.kernel.packed.internal.Nf4Values;
import java.util.Locale;

/**
 * How the frozen weights of linear layers are kept in fewer bits.
 *
 * @param kind the codes
 * @param nested whether the scales of {@link Kind#NF4} are packed as well
 */
public record Quantization(Kind kind, boolean nested) {

    /** Kinds of codes. */
    public enum Kind {
        /** 4-bit NormalFloat in blocks of 64. */
        NF4,
        /** 8-bit whole numbers, a scale for each row. */
        INT8
    }

    /** 4-bit NormalFloat with packed scales: 4.13 bits a value. */
    public static final Quantization NF4 = new Quantization(Kind.NF4, true);

    /** 8 bits a value. */
    public static final Quantization INT8 = new Quantization(Kind.INT8, false);

    /** Packs a matrix that comes in pieces. */
    public interface Packer {
        /** Adds the next rows [n, in], of any format; all pieces but the last hold whole {@link #blockSize blocks}. */
        void add(NDArray rows);

        /** All that was added; it belongs to the packer's scope. */
        PackedValues finish();
    }

    /**
     * A kind by its name.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Quantization of(String name) {
        return switch (name) {
            case "nf4" -> NF4;
            case "int8" -> INT8;
            default ->
                throw new IllegalArgumentException("unknown quantization \"" + name + "\": expected nf4 or int8");
        };
    }

    /** Packs one matrix. */
    public Packer packer(Scope owner) {
        return kind == Kind.NF4 ? new Nf4Values.Packer(owner, nested) : new Int8Values.Packer(owner);
    }

    /** Values that share a scale, counted row by row. */
    public int blockSize() {
        return kind == Kind.NF4 ? Nf4Values.BLOCK : 1;
    }

    /** Bytes that a value takes, its share of the scales included; those of {@link Kind#INT8} are a row's. */
    public double bytesPerValue() {
        return kind == Kind.INT8 ? 1 : 0.5 + (nested ? 1.02 : Float.BYTES) / Nf4Values.BLOCK;
    }

    /** Its name, for example {@code nf4}. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
