package io.github.peft4j.models.kernel.internal;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The engine's failures in one line: what was called on what, and the reason without traces of the interpreter. */
public final class EngineMessages {

    private static final String REASON = "RuntimeError: ";

    private EngineMessages() {}

    /** The failure of a kernel. */
    public static EngineException failed(String method, @Nullable Object[] arguments, EngineException cause) {
        String described =
                Arrays.stream(arguments).map(EngineMessages::describe).collect(Collectors.joining(", ", "(", ")"));
        return new EngineException("kernel " + method + described + " failed: " + brief(cause), cause);
    }

    /** The reason inside the engine's message. */
    public static String brief(RuntimeException failure) {
        String text = String.valueOf(failure.getMessage());
        int reason = text.lastIndexOf(REASON);
        String from = reason < 0 ? text : text.substring(reason + REASON.length());
        int trace = from.indexOf("Exception raised from");
        String shown = (trace < 0 ? from : from.substring(0, trace)).strip();
        int list = shown.indexOf("\n\nCPU: registered at");
        return list < 0 ? shown : shown.substring(0, list);
    }

    private static String describe(@Nullable Object argument) {
        if (argument instanceof NDArray array) {
            if (array.isReleased()) {
                return "a closed array";
            }
            DataType type = array.getDataType();
            return (type == DataType.UNKNOWN ? "bfloat16" : type) + " " + array.getShape();
        }
        if (argument instanceof Collection<?> list) {
            return list.size() + " arrays";
        }
        if (argument instanceof long[] numbers) {
            return Arrays.toString(numbers);
        }
        if (argument instanceof int[] numbers) {
            return Arrays.toString(numbers);
        }
        return argument instanceof Object[] list ? list.length + " arrays" : String.valueOf(argument);
    }
}
