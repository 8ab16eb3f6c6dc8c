package io.github.peft4j.models.kernel.internal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.ScriptBridge;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The arguments of one script call as native values, freed when it is closed; values that the library keeps are left alone. */
public final class ScriptValues implements AutoCloseable {

    /**
     * A library's values for what is absent.
     *
     * @param tensor for an absent tensor
     * @param tensors for an empty list of tensors
     */
    record Absent(long tensor, long tensors) {}

    private final Absent absent;
    private final long[] values;
    private int made;

    /**
     * Converts arguments.
     *
     * @throws IllegalArgumentException if an argument is of a kind that scripts do not take
     * @throws IllegalStateException if an array is closed
     */
    ScriptValues(Absent absent, String method, @Nullable Object[] arguments) {
        this.absent = absent;
        this.values = new long[arguments.length];
        try {
            for (; made < values.length; made++) {
                values[made] = value(arguments[made]);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            close();
            String what = "kernel " + method + ", argument " + made + ": " + e.getMessage();
            throw e instanceof IllegalStateException
                    ? new IllegalStateException(what, e)
                    : new IllegalArgumentException(what, e);
        }
    }

    /** The native values. */
    public long[] handles() {
        return values;
    }

    private long value(@Nullable Object argument) {
        if (argument instanceof PtNDArray array) {
            return ScriptBridge.tensor(ScriptBridge.handle(array));
        }
        if (argument == null) {
            return absent.tensor();
        }
        if (argument instanceof Double || argument instanceof Float) {
            return ScriptBridge.number(((Number) argument).doubleValue());
        }
        if (argument instanceof Long || argument instanceof Integer) {
            return ScriptBridge.integer(((Number) argument).longValue());
        }
        if (argument instanceof Boolean truth) {
            return ScriptBridge.bool(truth);
        }
        if (argument instanceof String text) {
            return ScriptBridge.text(text);
        }
        return list(argument);
    }

    private long list(Object argument) {
        if (argument instanceof long[] numbers) {
            return ScriptBridge.integers(numbers);
        }
        if (argument instanceof int[] numbers) {
            return ScriptBridge.integers(Arrays.stream(numbers).asLongStream().toArray());
        }
        if (argument instanceof Collection<?> arrays) {
            return tensors(arrays.toArray());
        }
        if (argument instanceof Object[] arrays) {
            return tensors(arrays);
        }
        throw unknown(argument);
    }

    private long tensors(@Nullable Object[] arrays) {
        if (arrays.length == 0) {
            return absent.tensors();
        }
        long[] handles = new long[arrays.length];
        for (int i = 0; i < handles.length; i++) {
            if (!(arrays[i] instanceof PtNDArray array)) {
                throw unknown(arrays[i]);
            }
            handles[i] = ScriptBridge.handle(array);
        }
        return ScriptBridge.tensors(handles);
    }

    private static IllegalArgumentException unknown(@Nullable Object argument) {
        return new IllegalArgumentException(
                "a script takes arrays of the PyTorch engine, lists of them, long, int, double,"
                        + " float, boolean, String, long[], int[] or null, got "
                        + (argument == null
                                ? "a list with null in it"
                                : argument.getClass().getSimpleName()));
    }

    @Override
    public void close() {
        for (int i = 0; i < made; i++) {
            if (values[i] != absent.tensor() && values[i] != absent.tensors()) {
                ScriptBridge.free(values[i]);
            }
        }
    }
}
