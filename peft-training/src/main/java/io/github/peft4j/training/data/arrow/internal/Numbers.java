package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.columnar.internal.RowBudget;
import java.io.IOException;
import java.math.BigInteger;

/** Columns of numbers and flags. */
final class Numbers {

    private static final int HALF_FRACTION = 10;
    private static final int HALF_EXPONENT_BIAS = 15;

    private Numbers() {}

    /** Bits of a number, sign and all. */
    private interface Bits {

        long at(long index) throws IOException;
    }

    /** Whole numbers of the smallest of Java's types that holds each, as they are read from JSON. */
    static Column whole(ColumnBytes bytes, ArrowField field) {
        boolean signed = field.signed();
        Bits bits = switch (field.width()) {
            case 8 -> index -> signed ? bytes.int8(index) : bytes.int8(index) & 0xff;
            case 16 -> index -> signed ? bytes.int16(index) : bytes.int16(index) & 0xffff;
            case 32 -> index -> signed ? bytes.int32(index) : bytes.int32(index) & 0xffff_ffffL;
            default -> bytes::int64;
        };
        boolean large = !signed && field.width() == Long.SIZE;
        return (index, budget) -> {
            budget.spend(RowBudget.NUMBER);
            long value = bits.at(index);
            if (large && value < 0) {
                return new BigInteger(Long.toUnsignedString(value));
            }
            return (int) value == value ? (Number) (int) value : (Number) value;
        };
    }

    /** Numbers with a fraction. */
    static Column real(ColumnBytes bytes, ArrowField field) {
        return switch (field.width()) {
            case 16 ->
                (index, budget) -> {
                    budget.spend(RowBudget.NUMBER);
                    return half(bytes.int16(index));
                };
            case 32 ->
                (index, budget) -> {
                    budget.spend(RowBudget.NUMBER);
                    return (double) Float.intBitsToFloat(bytes.int32(index));
                };
            default ->
                (index, budget) -> {
                    budget.spend(RowBudget.NUMBER);
                    return Double.longBitsToDouble(bytes.int64(index));
                };
        };
    }

    /** Flags, a bit each. */
    static Column flags(ColumnBytes bits) {
        return (index, budget) -> {
            budget.spend(RowBudget.NUMBER);
            return bits.bit(index);
        };
    }

    private static double half(short bits) {
        int fraction = bits & (1 << HALF_FRACTION) - 1;
        int exponent = bits >> HALF_FRACTION & 0x1f;
        double size = exponent == 0x1f
                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : exponent == 0
                        ? Math.scalb((double) fraction, 1 - HALF_EXPONENT_BIAS - HALF_FRACTION)
                        : Math.scalb(
                                (double) (fraction | 1 << HALF_FRACTION),
                                exponent - HALF_EXPONENT_BIAS - HALF_FRACTION);
        return bits < 0 ? -size : size;
    }
}
