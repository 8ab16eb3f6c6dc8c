package io.github.peft4j.models.checkpoint.internal.pickle;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dict or OrderedDict on the unpickler's stack, with scalar keys only. Compared by identity, see {@link PickleTuple}. */
final class PickleDict {

    private final Map<Object, Object> entries = new LinkedHashMap<>(4);

    Map<Object, Object> entries() {
        return entries;
    }

    /** Whether a value may be a key: cheap to hash and to compare. */
    static boolean isScalar(Object value) {
        return value instanceof String
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean
                || value instanceof BigInteger
                || value instanceof PickleNone;
    }
}
