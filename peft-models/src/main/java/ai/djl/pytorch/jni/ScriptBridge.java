package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import org.jspecify.annotations.Nullable;

/**
 * The one door to calls that the engine keeps package-private: a TorchScript method run in the thread's own gradient mode, with
 * any mix of tensors, numbers, text and lists. DJL's public route runs every call in inference mode or takes tensors only.
 *
 * <p>Handles passed in stay the caller's; every returned handle is the caller's to free.
 */
public final class ScriptBridge {

    private ScriptBridge() {}

    /** Runs a method of a loaded archive and returns the handle of its result. */
    public static long run(PtSymbolBlock module, String method, long[] values) {
        return PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, values, true, false);
    }

    /** Whether torch records gradients on this thread. */
    public static boolean gradientMode() {
        return PyTorchLibrary.LIB.torchIsGradMode();
    }

    /** A value that holds a tensor. */
    public static long tensor(PtNDArray array) {
        return PyTorchLibrary.LIB.iValueFromTensor(array.getHandle());
    }

    /** A value that holds a list of tensors; the list must not be empty. */
    public static long tensors(PtNDArray[] arrays) {
        long[] handles = new long[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            handles[i] = arrays[i].getHandle();
        }
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
     * @return a tensor as {@link PtNDArray} owned by {@code owner}, a list of tensors as {@code PtNDArray[]}, a tuple as
     *     {@code Object[]}, a number as {@code Long}, {@code Double} or {@code Boolean}, nothing as {@code null}
     */
    public static @Nullable Object result(long value, PtNDManager owner) {
        try (IValue result = new IValue(value)) {
            if (result.isTensor()) {
                return result.toTensor(owner);
            }
            if (result.isTuple()) {
                IValue[] parts = result.toIValueTuple();
                Object[] values = new Object[parts.length];
                for (int i = 0; i < parts.length; i++) {
                    values[i] = result(parts[i].getHandle(), owner);
                }
                return values;
            }
            if (result.isTensorList()) {
                return result.toTensorArray(owner);
            }
            if (result.isLong()) {
                return result.toLong();
            }
            if (result.isDouble()) {
                return result.toDouble();
            }
            return result.isBoolean() ? (Object) result.toBoolean() : null;
        }
    }
}
