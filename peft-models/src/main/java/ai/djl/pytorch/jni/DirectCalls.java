package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import org.jspecify.annotations.Nullable;

/**
 * Single operators called without a script in between: a script's interpreter costs some 2.5 microseconds a call, more than a view or
 * a small sum itself. Only operators that take any number format; those that the engine hands a format to end the process on bfloat16.
 *
 * <p>Every tensor returned is a handle that the caller owns.
 */
public final class DirectCalls {

    private DirectCalls() {}

    /** x + y. */
    public static long add(PtNDArray x, PtNDArray y) {
        return PyTorchLibrary.LIB.torchAdd(ScriptBridge.handle(x), ScriptBridge.handle(y));
    }

    /** x += y. */
    public static void addInto(PtNDArray x, PtNDArray y) {
        PyTorchLibrary.LIB.torchAddi(ScriptBridge.handle(x), ScriptBridge.handle(y));
    }

    /** x - y. */
    public static long subtract(PtNDArray x, PtNDArray y) {
        return PyTorchLibrary.LIB.torchSub(ScriptBridge.handle(x), ScriptBridge.handle(y));
    }

    /** x * y, element by element. */
    public static long multiply(PtNDArray x, PtNDArray y) {
        return PyTorchLibrary.LIB.torchMul(ScriptBridge.handle(x), ScriptBridge.handle(y));
    }

    /** The matrix product x y. */
    public static long matmul(PtNDArray x, PtNDArray y) {
        return PyTorchLibrary.LIB.torchMatmul(ScriptBridge.handle(x), ScriptBridge.handle(y));
    }

    /** Another shape over the same values, a copy where their places in memory do not allow it. */
    public static long reshape(PtNDArray x, long[] shape) {
        return PyTorchLibrary.LIB.torchReshape(ScriptBridge.handle(x), shape);
    }

    /** The view with two dimensions exchanged. */
    public static long transpose(PtNDArray x, long first, long second) {
        return PyTorchLibrary.LIB.torchTranspose(ScriptBridge.handle(x), first, second);
    }

    /** The view of the entries {@code from} (inclusive) to {@code to} (exclusive) of a dimension; bounds are cut, not checked. */
    public static long slice(PtNDArray x, long dimension, long from, long to) {
        return PyTorchLibrary.LIB.torchSlice(ScriptBridge.handle(x), dimension, from, to, 1);
    }

    /** Another handle on the same memory that takes no part in torch's graph. */
    public static long detach(PtNDArray x) {
        return PyTorchLibrary.LIB.torchDetachGrad(ScriptBridge.handle(x));
    }

    /** The gradient that torch's autograd has left with an array, or null if there is none. */
    public static @Nullable Long gradient(PtNDArray x) {
        long gradient = PyTorchLibrary.LIB.torchGrad(ScriptBridge.handle(x));
        return gradient == 0 ? null : gradient;
    }
}
