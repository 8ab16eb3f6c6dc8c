package io.github.peft4j.models.internal.natives;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads native libraries through the Deep Java Library from the class path alone. By itself that library downloads what it does not find,
 * reports where it runs, and looks with the thread's own class loader, which in a pool's thread need not see the program's jars.
 */
public final class NativeLoading {

    /** What keeps it from the network: system properties, each with the environment variable that goes before it. */
    private static final Map<String, String> OFFLINE = new LinkedHashMap<>();

    static {
        OFFLINE.put("ai.djl.offline", "DJL_OFFLINE");
        OFFLINE.put("OPT_OUT_TRACKING", "OPT_OUT_TRACKING");
    }

    private NativeLoading() {}

    /** What loads a library. */
    @FunctionalInterface
    public interface Loading<T extends @Nullable Object, E extends Exception> {
        /** Returns what was loaded. */
        T load() throws E;
    }

    /**
     * Runs what loads a library. Whoever wants a download says so, by {@code DJL_OFFLINE=false} in the environment or
     * {@code -Dai.djl.offline=false}; where nothing is said, the properties are set for as long as this runs.
     */
    public static synchronized <T extends @Nullable Object, E extends Exception> T fromClassPath(Loading<T, E> loading)
            throws E {
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        List<String> set = new ArrayList<>();
        try {
            OFFLINE.forEach((property, variable) -> {
                if (System.getProperty(property) == null && System.getenv(variable) == null) {
                    System.setProperty(property, "true");
                    set.add(property);
                }
            });
            thread.setContextClassLoader(NativeLoading.class.getClassLoader());
            return loading.load();
        } finally {
            thread.setContextClassLoader(loader);
            set.forEach(System::clearProperty);
        }
    }
}
