package io.github.peft4j.core.method;

import io.github.peft4j.core.internal.pattern.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** The fine-tuning methods that are known, by {@code peft_type} and by name. Immutable. */
public final class PeftMethods {

    private static final class Found {
        static final PeftMethods ALL = load();

        private static PeftMethods load() {
            List<PeftMethod<?>> methods = new ArrayList<>();
            ServiceLoader.load(PeftMethod.class, PeftMethods.class.getClassLoader())
                    .forEach(methods::add);
            return new PeftMethods(methods);
        }
    }

    private final Map<String, PeftMethod<?>> byType = new TreeMap<>();
    private final Map<String, PeftMethod<?>> byName = new TreeMap<>();

    private PeftMethods(Collection<PeftMethod<?>> methods) {
        for (PeftMethod<?> method : methods) {
            PeftMethod<?> other = byType.putIfAbsent(method.peftType(), method);
            if (other != null || byName.putIfAbsent(method.name(), method) != null) {
                throw new IllegalArgumentException("two fine-tuning methods have peft_type " + method.peftType()
                        + " or name " + method.name() + ": " + method.getClass().getName());
            }
        }
    }

    /** The methods on the class path. */
    public static PeftMethods discovered() {
        return Found.ALL;
    }

    /** Exactly these methods. */
    public static PeftMethods of(PeftMethod<?>... methods) {
        return new PeftMethods(List.of(methods));
    }

    /** All methods in the order of their types. */
    public Collection<PeftMethod<?>> all() {
        return byType.values();
    }

    /**
     * The method with a {@code peft_type}.
     *
     * @throws IllegalArgumentException if none is registered
     */
    public PeftMethod<?> byType(String peftType) {
        return require(byType, "peft_type", peftType, PeftMethod::peftType);
    }

    /**
     * The method with a name.
     *
     * @throws IllegalArgumentException if none is registered
     */
    public PeftMethod<?> byName(String name) {
        return require(byName, "name", name, PeftMethod::name);
    }

    private static PeftMethod<?> require(
            Map<String, PeftMethod<?>> methods, String what, String wanted, Function<PeftMethod<?>, String> shown) {
        PeftMethod<?> method = methods.get(wanted);
        if (method == null) {
            List<String> names = methods.values().stream().map(shown).toList();
            String question = NearestNames.question(wanted, names);
            throw new IllegalArgumentException("No fine-tuning method is registered for " + what + " \"" + wanted + "\""
                    + (question.isEmpty() ? "." : ": " + question) + " Registered: " + names
                    + ". In a program of your own, put the jar that provides it on the class path, or pass it to"
                    + " PeftMethods.of(...).");
        }
        return method;
    }
}
