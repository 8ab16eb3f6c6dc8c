package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.internal.StoredType;
import java.util.List;

/**
 * A tensor as a pickle describes it: a view of a storage, checked to lie within it.
 *
 * @param storage where its elements lie
 * @param type the type of its elements
 * @param offset the first element, in elements
 * @param size the dimensions
 * @param strides the distance between neighbours along each dimension, in elements, none negative
 */
record PickledTensor(StorageReference storage, StoredType type, long offset, List<Long> size, List<Long> strides) {

    /** Whether the elements lie row-major without gaps. */
    boolean isContiguous() {
        if (size.contains(0L)) {
            return true;
        }
        long expected = 1;
        for (int i = size.size() - 1; i >= 0; i--) {
            long dimension = size.get(i);
            if (dimension != 1 && strides.get(i) != expected) {
                return false;
            }
            expected *= dimension;
        }
        return true;
    }
}
