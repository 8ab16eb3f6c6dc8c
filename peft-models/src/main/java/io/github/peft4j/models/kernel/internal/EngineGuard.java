package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The check in front of every engine call that ends the process on some data types: the native side knows eight types and aborts the
 * JVM on any other, without an exception.
 *
 * <p>It stands before every call that peft4j makes, and before the methods of the arrays that peft4j returns. DJL's own operators and
 * managers are not guarded: what they return from a bfloat16 array must not be given to {@code softmax}, {@code toDevice},
 * {@code zerosLike} and their like without a look at {@link #require(NDArray, String)} first.
 */
public final class EngineGuard {

    private static final Set<DataType> KNOWN = Collections.unmodifiableSet(EnumSet.of(
            DataType.FLOAT32,
            DataType.FLOAT64,
            DataType.FLOAT16,
            DataType.UINT8,
            DataType.INT32,
            DataType.INT8,
            DataType.INT64,
            DataType.BOOLEAN));

    private EngineGuard() {}

    /**
     * Lets a type pass that the engine can create and read.
     *
     * @param operation what is about to be done, for the message
     * @throws IllegalArgumentException if the engine would abort the process on this type
     */
    public static void require(DataType type, String operation) {
        if (!KNOWN.contains(type)) {
            throw new IllegalArgumentException(operation + " does not support " + type + ": the engine handles " + KNOWN
                    + " there; bfloat16 arrays are made by Scope.mapped or Kernels.cast");
        }
    }

    /**
     * Lets an array pass whose type the engine can read; a bfloat16 array shows as {@link DataType#UNKNOWN} and does not pass.
     *
     * @throws IllegalArgumentException if the engine would abort the process on this array
     */
    public static NDArray require(NDArray array, String operation) {
        DataType type = array.getDataType();
        if (!KNOWN.contains(type)) {
            throw new IllegalArgumentException(operation + " does not support an array of "
                    + (type == DataType.UNKNOWN ? "bfloat16 (or another type that the engine cannot name)" : type)
                    + ": the engine handles " + KNOWN + " there. Convert it by Kernels.cast first");
        }
        return array;
    }
}
