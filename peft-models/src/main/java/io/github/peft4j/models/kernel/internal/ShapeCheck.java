package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checks of shapes that the engine does not make itself: its fused operators would read or write beyond an array, or leave parts of
 * a result unwritten, without an exception.
 */
public final class ShapeCheck {

    private ShapeCheck() {}

    /** Whether {@code array} has the leading dimensions of {@code x}, then as many entries as dimension {@code axis} of {@code w}. */
    public static void rowsOf(String operation, String name, NDArray array, NDArray x, NDArray w, int axis) {
        Shape input = x.getShape();
        Shape matrix = w.getShape();
        Shape got = array.getShape();
        boolean fits = matrix.dimension() == 2 && input.dimension() > 0 && got.dimension() == input.dimension();
        for (int i = 0; fits && i < got.dimension(); i++) {
            fits = got.get(i) == (i == got.dimension() - 1 ? matrix.get(axis) : input.get(i));
        }
        if (!fits) {
            throw new IllegalArgumentException(operation + ": " + name + " of shape " + got
                    + " does not fit the product of shapes " + input + " and " + matrix);
        }
    }

    /** Whether two arrays have the same shape. */
    public static void same(String operation, NDArray array, NDArray like) {
        if (!array.getShape().equals(like.getShape())) {
            throw new IllegalArgumentException(
                    operation + " needs arrays of one shape, got " + array.getShape() + " and " + like.getShape());
        }
    }

    /** Whether a dimension has the entries asked for. */
    public static void range(String operation, NDArray array, int dimension, long start, long length) {
        Shape shape = array.getShape();
        if (dimension < 0
                || dimension >= shape.dimension()
                || start < 0
                || length < 0
                || start > shape.get(dimension) - length) {
            throw new IllegalArgumentException(operation + ": an array of shape " + shape + " has no entries " + start
                    + " to " + (start + length) + " in dimension " + dimension);
        }
    }

    /** Whether there is one target per row of logits. */
    public static void targets(NDArray logits, NDArray targets) {
        Shape rows = logits.getShape();
        Shape got = targets.getShape();
        if (rows.dimension() != 2 || got.dimension() != 1 || got.get(0) != rows.get(0)) {
            throw new IllegalArgumentException(
                    "cross-entropy needs logits [n, V] and targets [n], got shapes " + rows + " and " + got);
        }
    }

    /** Whether rows and prefix of an attention fit each other. */
    public static void rows(
            NDArray q,
            NDArray k,
            NDArray v,
            int[] queries,
            int[] lengths,
            @Nullable NDArray prefixKey,
            @Nullable NDArray prefixValue) {
        long tokens = Arrays.stream(lengths).asLongStream().sum();
        long asked = Arrays.stream(queries).asLongStream().sum();
        Shape heads = q.getShape();
        Shape keys = k.getShape();
        boolean fits = queries.length == lengths.length
                && heads.dimension() == 3
                && keys.dimension() == 3
                && heads.get(0) == asked
                && keys.get(0) == tokens
                && heads.get(2) == keys.get(2)
                && keys.get(1) > 0
                && heads.get(1) % keys.get(1) == 0
                && keys.equals(v.getShape());
        if (!fits) {
            throw new IllegalArgumentException("attention needs q [" + (asked == tokens ? "N" : "M = " + asked)
                    + ", H, Dh], k and v [N, K, Dh] with N = " + tokens
                    + " tokens in all rows and H a multiple of K, got shapes " + heads + ", " + keys + ", "
                    + v.getShape());
        }
        if (prefixKey == null ? prefixValue != null : prefixValue == null) {
            throw new IllegalArgumentException("attention needs both keys and values of a prefix, or neither");
        }
        if (prefixKey != null && prefixValue != null && !prefixKey.getShape().equals(prefixValue.getShape())) {
            throw new IllegalArgumentException("attention needs prefix keys and values of one shape, got "
                    + prefixKey.getShape() + " and " + prefixValue.getShape());
        }
    }

    /** Whether there is a mask per row, with values for short rows and without for long ones. */
    public static void masks(int[] lengths, List<NDArray> masks, int longFrom) {
        if (masks.size() != lengths.length) {
            throw new IllegalArgumentException(
                    "attention needs one mask per row: got " + masks.size() + " for " + lengths.length + " rows");
        }
        for (int row = 0; row < lengths.length; row++) {
            boolean isLong = lengths[row] >= longFrom;
            if (lengths[row] > 0 && (masks.get(row).size() == 0) != isLong) {
                throw new IllegalArgumentException("row " + row + " of " + lengths[row] + " tokens has a mask with"
                        + (isLong ? "" : "out") + " values: rows of fewer than " + longFrom
                        + " tokens need values, longer ones have none");
            }
        }
    }

    /** Whether lists have the same length. */
    public static void sameCount(String operation, List<NDArray> arrays, List<NDArray> others) {
        if (arrays.size() != others.size()) {
            throw new IllegalArgumentException(
                    operation + " needs lists of one length, got " + arrays.size() + " and " + others.size());
        }
    }

    /** Whether lists have the same length, and arrays at the same place the same shape. */
    public static void sameShapes(String operation, List<NDArray> arrays, List<NDArray> others) {
        sameCount(operation, arrays, others);
        for (int i = 0; i < arrays.size(); i++) {
            Shape wanted = arrays.get(i).getShape();
            if (!wanted.equals(others.get(i).getShape())) {
                throw new IllegalArgumentException(operation + ": array " + i + " has shape " + wanted
                        + ", its companion " + others.get(i).getShape());
            }
        }
    }
}
