package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.internal.StoredType;
import org.jspecify.annotations.Nullable;

/**
 * A storage that a pickle refers to: the flat memory behind one or more tensors.
 *
 * @param key its name in the file
 * @param type its element type; null for one counted in bytes
 * @param elements its length in elements
 */
record StorageReference(String key, @Nullable StoredType type, long elements) {

    int elementBytes() {
        return type == null ? 1 : type.bytes();
    }

    /** Never overflows: the unpickler has checked it. */
    long byteSize() {
        return elements * elementBytes();
    }
}
