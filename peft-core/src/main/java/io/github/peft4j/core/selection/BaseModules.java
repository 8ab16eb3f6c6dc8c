package io.github.peft4j.core.selection;

import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a base model under their own paths, whatever adapters have been put around them: a second adapter finds the same names as
 * the first, and what adapters brought along is not seen.
 *
 * <p>At a path stand, from the outside: wrappers that adapters put there with {@link #wrap}, substitutes put there with
 * {@link #wrapInnermost}, and the module itself. Looked up anew at each call, so that an instance stays valid as wrappers come and go,
 * here and around parents.
 */
public final class BaseModules {

    private final Module root;

    private BaseModules(Module root) {
        this.root = root;
    }

    /** The modules below a model. */
    public static BaseModules of(Module model) {
        return new BaseModules(model);
    }

    /** The modules under all wrappers by their own paths, the model itself, with an empty path, first. */
    public Map<String, Module> byPath() {
        Map<String, Module> found = new LinkedHashMap<>();
        walk("", root, (path, outermost) -> found.put(path, bottom(outermost)));
        return Collections.unmodifiableMap(found);
    }

    private static void walk(String path, Module outermost, BiConsumer<String, Module> visitor) {
        visitor.accept(path, outermost);
        bottom(outermost).childModules().forEach((name, child) -> walk(joined(path, name), child, visitor));
    }

    /**
     * Where the modules' own weights stand in a whole model's state as Hugging Face PEFT has it, by the modules' own paths: what wrappers
     * wrap is one level further down.
     */
    public Map<String, String> pathsInState() {
        Map<String, String> paths = new LinkedHashMap<>();
        walkState("", "", root, paths);
        return paths;
    }

    private static void walkState(String path, String place, Module outermost, Map<String, String> paths) {
        String within = place;
        Module inner = outermost;
        while (inner instanceof Wrapper) {
            // Several adapters are in one layer there.
            if (within.equals(place) && !(inner instanceof Substitute)) {
                within = joined(place, ((Wrapper) inner).wrappedName());
            }
            inner = under((Wrapper) inner);
        }
        paths.put(path, within);
        String here = within;
        inner.childModules().forEach((name, child) -> walkState(joined(path, name), joined(here, name), child, paths));
    }

    private static String joined(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** What stands at every path, from the outside. */
    public Map<String, Module> outermostByPath() {
        Map<String, Module> found = new LinkedHashMap<>();
        walk("", root, found::put);
        return found;
    }

    /**
     * The module itself, under all wrappers.
     *
     * @throws IllegalArgumentException if there is none at this path
     */
    public Module base(String path) {
        return bottom(outermost(path));
    }

    /**
     * What stands at a path now: the module itself or its outermost wrapper.
     *
     * @throws IllegalArgumentException if there is none at this path
     */
    public Module outermost(String path) {
        String place = place(path);
        return place.isEmpty() ? root : root.at(place);
    }

    /** Where the outermost wrapper of a module stands in the tree with all wrappers. */
    private String place(String path) {
        Module module = root;
        StringBuilder place = new StringBuilder();
        for (String name : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
            while (module instanceof Wrapper) {
                String below = module instanceof Substitute substitute ? substitute.belowName() : Wrapper.BASE;
                place.append(place.isEmpty() ? "" : ".").append(below);
                module = under((Wrapper) module);
            }
            @Nullable Module child = module.childOrNull(name);
            if (child == null) {
                throw new IllegalArgumentException("no module at " + path + " in "
                        + (root instanceof Model<?> model
                                ? model.anatomy().className()
                                : root.getClass().getSimpleName()));
            }
            place.append(place.isEmpty() ? "" : ".").append(name);
            module = child;
        }
        return place.toString();
    }

    /** The next module inwards; for a substitute the layer whose place it takes. */
    public static Module under(Wrapper wrapper) {
        return wrapper instanceof Substitute substitute ? substitute.below() : wrapper.wrapped();
    }

    private static Module bottom(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper) {
            inner = under((Wrapper) inner);
        }
        return inner;
    }

    /** Puts a wrapper around all that stands at a path. */
    public void wrap(String path, UnaryOperator<Module> wrapper) {
        root.replace(place(path), wrapper);
    }

    /**
     * Puts a wrapper, usually a {@link Substitute}, under all wrappers but other substitutes.
     *
     * @param wrapper given the module or the substitute that stands there, returns what is to stand there; a substitute copies
     *     {@link #base}
     */
    public void wrapInnermost(String path, UnaryOperator<Module> wrapper) {
        @Nullable Wrapper around = null;
        Module inner = outermost(path);
        while (inner instanceof Wrapper && !(inner instanceof Substitute)) {
            around = (Wrapper) inner;
            inner = around.wrapped();
        }
        if (around == null) {
            wrap(path, wrapper);
        } else {
            around.rewrap(wrapper.apply(inner));
        }
    }

    /**
     * Exchanges the module at a path for a copy of itself with some weights of its own, under all wrappers; in use at once.
     *
     * @param copy the same kind of layer as {@link #base}
     * @return what stands there now
     */
    public Substitute substitute(String path, UnaryOperator<Module> copy) {
        Module base = base(path);
        Substitute[] put = new Substitute[1];
        wrapInnermost(path, inner -> {
            put[0] = new Substitute(inner, copy.apply(base));
            return put[0];
        });
        return put[0];
    }

    /**
     * Puts a substitute under everything else that stands at a path, right around the module itself.
     *
     * @param wrapper given the module, returns what is to stand there
     */
    public void wrapBase(String path, UnaryOperator<Module> wrapper) {
        Module outer = outermost(path);
        if (!(outer instanceof Wrapper)) {
            wrap(path, wrapper);
            return;
        }
        Wrapper around = (Wrapper) outer;
        while (inside(around) instanceof Wrapper inner) {
            around = inner;
        }
        put(around, wrapper.apply(inside(around)));
    }

    /** Takes a wrapper away; those around it and under it stay. Does nothing if it is not there. */
    public void unwrap(String path, Wrapper wrapper) {
        Module outer = outermost(path);
        if (outer == wrapper) {
            root.replace(place(path), w -> inside(wrapper));
            return;
        }
        while (outer instanceof Wrapper around) {
            Module inner = inside(around);
            if (inner == wrapper) {
                put(around, inside(wrapper));
                return;
            }
            outer = inner;
        }
    }

    /** What a wrapper was put around. */
    private static Module inside(Wrapper wrapper) {
        return wrapper instanceof Substitute substitute ? substitute.original() : wrapper.wrapped();
    }

    /** Lets a wrapper stand around another module. */
    private static void put(Wrapper wrapper, Module inner) {
        if (wrapper instanceof Substitute substitute) {
            substitute.replaceOriginal(inner);
        } else {
            wrapper.rewrap(inner);
        }
    }

    /** The substitute that is in use at a path, or null. */
    @Nullable
    public Substitute inUse(String path) {
        return inUse(outermost(path));
    }

    /** The substitute that is in use among wrappers, the outermost of which is given; or null. */
    public static @Nullable Substitute inUse(Module outermost) {
        Module inner = outermost;
        while (inner instanceof Wrapper) {
            if (inner instanceof Substitute substitute && substitute.isInUse()) {
                return substitute;
            }
            inner = under((Wrapper) inner);
        }
        return null;
    }
}
