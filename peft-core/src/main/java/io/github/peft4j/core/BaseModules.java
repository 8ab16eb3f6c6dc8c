package io.github.peft4j.core;

import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The modules of a base model under their own paths, whatever adapters have been put around them since: a second adapter finds the same
 * names as the first, and what adapters brought along is not seen.
 *
 * <p>The paths are those at construction; take a new one after modules were added to the model itself.
 */
public final class BaseModules {

    private final Module root;
    /** From a module's own path to the path at which its outermost wrapper stands now. */
    private final Map<String, String> places = new LinkedHashMap<>();

    private BaseModules(Module root) {
        this.root = root;
    }

    /** The modules below a model. */
    public static BaseModules of(Module model) {
        BaseModules modules = new BaseModules(model);
        modules.collect("", "", model);
        return modules;
    }

    private void collect(String path, String place, Module module) {
        places.put(path, place);
        Module inner = module;
        StringBuilder below = new StringBuilder(place);
        while (inner instanceof Wrapper) {
            inner = ((Wrapper) inner).wrapped();
            below.append('.').append(Wrapper.BASE);
        }
        String prefix = below.toString();
        inner.childModules().forEach((name, child) -> collect(join(path, name), join(prefix, name), child));
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** The modules under all wrappers by their own paths, the model itself, with an empty path, first. */
    public Map<String, Module> byPath() {
        Map<String, Module> found = new LinkedHashMap<>();
        places.keySet().forEach(path -> found.put(path, base(path)));
        return Collections.unmodifiableMap(found);
    }

    /**
     * The module under all wrappers.
     *
     * @throws IllegalArgumentException if there is none at this path
     */
    public Module base(String path) {
        return Wrapper.innermost(outermost(path));
    }

    /** What stands at a path now: the module itself or its outermost wrapper. */
    public Module outermost(String path) {
        return place(path).isEmpty() ? root : root.at(place(path));
    }

    private String place(String path) {
        String place = places.get(path);
        if (place == null) {
            throw new IllegalArgumentException(
                    "no module at " + path + " in " + root.getClass().getSimpleName());
        }
        return place;
    }

    /** Puts a wrapper around all that stands at a path. */
    public void wrap(String path, UnaryOperator<Module> wrapper) {
        root.replace(place(path), wrapper);
    }

    /** Puts a wrapper around the module itself and its {@link Substitute}s, under all other wrappers there are. */
    public void wrapInnermost(String path, UnaryOperator<Module> wrapper) {
        Module here = outermost(path);
        Wrapper last = null;
        for (Module inner = here; inner instanceof Wrapper around; inner = Substitute.under(around)) {
            if (!(inner instanceof Substitute)) {
                last = around;
            }
        }
        if (last == null) {
            wrap(path, wrapper);
        } else {
            last.rewrap(wrapper.apply(last.wrapped()));
        }
    }

    /**
     * Takes a wrapper away; those around it and under it stay, and a {@link Substitute} leaves what it stood in for. Does nothing if it
     * is not there.
     */
    public void unwrap(String path, Wrapper wrapper) {
        Module left = Substitute.under(wrapper);
        Module outer = outermost(path);
        if (outer == wrapper) {
            root.replace(place(path), w -> left);
            return;
        }
        while (outer instanceof Wrapper around) {
            Module under = Substitute.under(around);
            if (under == wrapper) {
                if (around instanceof Substitute substitute) {
                    substitute.replaceOriginal(left);
                } else {
                    around.rewrap(left);
                }
                return;
            }
            outer = under;
        }
    }
}
