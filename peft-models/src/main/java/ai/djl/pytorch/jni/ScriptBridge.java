package ai.djl.pytorch.jni;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The one door to calls that the engine keeps package-private: a TorchScript method run in the thread's own gradient mode, with
 * any mix of tensors, numbers, text and lists. DJL's public route runs every call in inference mode or takes tensors only.
 *
 * <p>Handles passed in stay the caller's; every returned handle is the caller's to free.
 */
public final class ScriptBridge {

    /** What the engine keeps instead of a handle for an array of text; the native side would read it as an address. */
    private static final long TEXT = -1;

    private ScriptBridge() {}

    /**
     * The native tensor of an array.
     *
     * @throws IllegalArgumentException if it is an array of text, which has none: the process would end
     * @throws IllegalStateException if the array is closed
     */
    public static long handle(PtNDArray array) {
        long handle = array.getHandle();
        if (handle == TEXT) {
            throw new IllegalArgumentException("an array of text cannot be computed with: expected numbers");
        }
        return handle;
    }

    /** Runs a method of a loaded archive and returns the handle of its result. */
    public static long run(PtSymbolBlock module, String method, long[] values) {
        return PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, values, true, false);
    }

    /** Whether torch records gradients on this thread. */
    public static boolean gradientMode() {
        return PyTorchLibrary.LIB.torchIsGradMode();
    }

    /** A value that holds the tensor of {@link #handle}. */
    public static long tensor(long handle) {
        return PyTorchLibrary.LIB.iValueFromTensor(handle);
    }

    /** A value that holds a list of tensors; the list must not be empty. */
    public static long tensors(long[] handles) {
        return PyTorchLibrary.LIB.iValueFromTensorList(handles);
    }

    /** A value that holds a whole number. */
    public static long integer(long value) {
        return PyTorchLibrary.LIB.iValueFromLong(value);
    }

    /** A value that holds a floating-point number. */
    public static long number(double value) {
        return PyTorchLibrary.LIB.iValueFromDouble(value);
    }

    /** A value that holds a truth value. */
    public static long bool(boolean value) {
        return PyTorchLibrary.LIB.iValueFromBool(value);
    }

    /** A value that holds text. */
    public static long text(String value) {
        return PyTorchLibrary.LIB.iValueFromString(value);
    }

    /** A value that holds a list of whole numbers. */
    public static long integers(long[] values) {
        return PyTorchLibrary.LIB.iValueFromLongList(values);
    }

    /** Frees a value; the tensor inside lives on while another handle holds it. */
    public static void free(long value) {
        PyTorchLibrary.LIB.torchDeleteIValue(value);
    }

    /**
     * Turns a result into Java and frees its handle.
     *
     * @param arrays makes an array of a tensor's handle and owns it from then on
     * @return a tensor as what {@code arrays} makes, a list of tensors as {@code NDArray[]}, a tuple as {@code Object[]}, a number as
     *     {@code Long}, {@code Double} or {@code Boolean}, text as {@code String}, nothing as {@code null}
     * @throws IllegalArgumentException if it is of another kind
     */
    public static @Nullable Object result(long value, LongFunction<? extends NDArray> arrays) {
        PyTorchLibrary library = PyTorchLibrary.LIB;
        try {
            if (library.iValueIsTensor(value)) {
                return arrays.apply(library.iValueToTensor(value));
            }
            if (library.iValueIsTuple(value)) {
                return tuple(library.iValueToIValueTuple(value), arrays);
            }
            if (library.iValueIsTensorList(value)) {
                return list(library.iValueToTensorList(value), arrays);
            }
            if (library.iValueIsDouble(value)) {
                return library.iValueToDouble(value);
            }
            if (library.iValueIsLong(value)) {
                return library.iValueToLong(value);
            }
            if (library.iValueIsBool(value)) {
                return library.iValueToBool(value);
            }
            return rest(library, value);
        } finally {
            free(value);
        }
    }

    private static @Nullable Object rest(PyTorchLibrary library, long value) {
        if (library.iValueIsString(value)) {
            return library.iValueToString(value);
        }
        String type = library.iValueGetType(value);
        if (type.equals("NoneType")) {
            return null;
        }
        throw new IllegalArgumentException("a kernel returned " + type
                + ": expected a tensor, a list of tensors, a tuple, int, float, bool, str or None");
    }

    private static NDArray[] list(long[] handles, LongFunction<? extends NDArray> arrays) {
        NDArray[] list = new NDArray[handles.length];
        for (int i = 0; i < list.length; i++) {
            list[i] = arrays.apply(handles[i]);
        }
        return list;
    }

    private static @Nullable Object[] tuple(long[] parts, LongFunction<? extends NDArray> arrays) {
        @Nullable Object[] values = new @Nullable Object[parts.length];
        int done = 0;
        try {
            while (done < parts.length) {
                values[done] = result(parts[done++], arrays);
            }
        } finally {
            while (done < parts.length) {
                free(parts[done++]);
            }
        }
        return values;
    }
}
