package io.github.peft4j.training;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.peft4j.models.kernel.Scope;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;

/** Counts every native array that a manager anywhere in the process still holds. */
public final class LiveArrays {

    private LiveArrays() {}

    /** The arrays of all managers, however deep. */
    public static int count(Scope anyScope) {
        try (NDArray here = anyScope.longs(0L)) {
            BaseNDManager manager = (BaseNDManager) here.getManager();
            while (manager.getParentManager() instanceof PtNDManager parent && parent != manager) {
                manager = parent;
            }
            return below(manager) - 1;
        }
    }

    private static int below(BaseNDManager manager) {
        int count = 0;
        for (Object resource : resources(manager)) {
            if (resource instanceof NDArray) {
                count++;
            } else if (resource instanceof BaseNDManager child) {
                count += below(child);
            }
        }
        return count;
    }

    private static Collection<?> resources(BaseNDManager manager) {
        try {
            Field field = BaseNDManager.class.getDeclaredField("resources");
            field.setAccessible(true);
            return ((Map<?, ?>) field.get(manager)).values();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
