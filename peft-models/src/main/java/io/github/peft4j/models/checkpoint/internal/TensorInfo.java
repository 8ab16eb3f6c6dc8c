package io.github.peft4j.models.checkpoint.internal;

import java.util.List;

/**
 * What a checkpoint says about one tensor: its name, element type and shape.
 *
 * <p>A value of this type never overflows: the product of all dimensions times the element size fits in a {@code long}, so that
 * strides and byte counts can be computed without further checks.
 *
 * @param name the tensor's name in the checkpoint, for instance {@code model.embed_tokens.weight}
 * @param type the element type on disk
 * @param shape the dimensions, outermost first; empty for a scalar, at most {@value #MAX_DIMENSIONS} of them
 */
public record TensorInfo(String name, StoredType type, List<Long> shape) {

    /** The largest number of dimensions accepted; no real checkpoint comes near it, and it bounds what a hostile one can cost. */
    public static final int MAX_DIMENSIONS = 64;

    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if a dimension is negative, there are too many, or the size in bytes overflows
     */
    public TensorInfo {
        if (shape.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(
                    "the shape has " + shape.size() + " dimensions, expected at most " + MAX_DIMENSIONS);
        }
        shape = List.copyOf(shape);
        long bytes = type.bytes();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("the shape " + shape + " has a negative dimension");
            }
            // An empty dimension must not hide an absurd one beside it, hence the 1.
            long factor = Math.max(1, dimension);
            if (Math.multiplyHigh(bytes, factor) != 0 || bytes * factor < 0) {
                throw new IllegalArgumentException("the shape " + shape + " of " + type + " is too large");
            }
            bytes *= factor;
        }
    }

    /**
     * Returns the number of elements.
     *
     * @return the product of the dimensions, 1 for a scalar
     */
    public long elementCount() {
        long count = 1;
        for (long dimension : shape) {
            count *= dimension;
        }
        return count;
    }

    /**
     * Returns the size of the tensor's data.
     *
     * @return bytes
     */
    public long byteSize() {
        return elementCount() * type.bytes();
    }

    /**
     * Returns the number of rows: the outermost dimension.
     *
     * @return rows, 1 for a scalar
     */
    public long rowCount() {
        return shape.isEmpty() ? 1 : shape.get(0);
    }

    /**
     * Returns the size of one row, that is of everything below the outermost dimension.
     *
     * @return bytes
     */
    public long rowByteSize() {
        long size = type.bytes();
        for (int i = 1; i < shape.size(); i++) {
            size *= shape.get(i);
        }
        return size;
    }
}
