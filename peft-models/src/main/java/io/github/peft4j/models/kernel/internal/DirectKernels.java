package io.github.peft4j.models.kernel.internal;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.DirectCalls;
import io.github.peft4j.models.kernel.Scope;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Views and plain arithmetic without a script, under the same rules as scripts; results belong to the scope given. */
public final class DirectKernels {

    private final Scope scope;

    public DirectKernels(Scope scope) {
        this.scope = scope;
    }

    /**
     * An array as the engine's own type.
     *
     * @throws IllegalArgumentException if it belongs to another engine
     */
    public static PtNDArray engineArray(NDArray array) {
        if (array instanceof PtNDArray own) {
            return own;
        }
        throw new IllegalArgumentException("expected an array of the PyTorch engine, got a "
                + array.getClass().getSimpleName());
    }

    private NDArray run(String method, LongSupplier call, @Nullable Object... arguments) {
        KernelLibrary.enter(method);
        scope.requireOpen(method);
        try {
            return scope.arrays().apply(call.getAsLong());
        } catch (EngineException e) {
            throw EngineMessages.failed(method, arguments, e);
        }
    }

    public NDArray reshape(NDArray x, long[] shape) {
        return run("reshape", () -> DirectCalls.reshape(engineArray(x), shape), x, shape);
    }

    public NDArray transpose(NDArray x) {
        return run("transpose", () -> DirectCalls.transpose(engineArray(x), 0, 1), x);
    }

    public NDArray narrow(NDArray x, int dimension, long start, long length) {
        ShapeCheck.range("narrow", x, dimension, start, length);
        return run("narrow", () -> DirectCalls.slice(engineArray(x), dimension, start, start + length), x);
    }

    public NDArray add(NDArray x, NDArray y) {
        return run("add", () -> DirectCalls.add(engineArray(x), engineArray(y)), x, y);
    }

    public void addInto(NDArray x, NDArray y) {
        KernelLibrary.enter("addInto");
        try {
            DirectCalls.addInto(engineArray(x), engineArray(y));
        } catch (EngineException e) {
            throw EngineMessages.failed("addInto", new Object[] {x, y}, e);
        }
    }

    public NDArray subtract(NDArray x, NDArray y) {
        return run("subtract", () -> DirectCalls.subtract(engineArray(x), engineArray(y)), x, y);
    }

    public NDArray multiply(NDArray x, NDArray y) {
        return run("multiply", () -> DirectCalls.multiply(engineArray(x), engineArray(y)), x, y);
    }

    public NDArray matmul(NDArray x, NDArray y) {
        return run("matmul", () -> DirectCalls.matmul(engineArray(x), engineArray(y)), x, y);
    }
}
