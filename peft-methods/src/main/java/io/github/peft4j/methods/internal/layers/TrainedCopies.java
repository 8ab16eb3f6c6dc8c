package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Layers that an adapter trains copies of, whole or in part, as its method's own doing; the copies are kept in float32. */
public final class TrainedCopies implements AdapterPart {

    private final BaseModules modules;
    private final UnaryOperator<String> infix;
    private final Map<String, TrainedCopy> copies = new LinkedHashMap<>();

    private TrainedCopies(Model<?> model, UnaryOperator<String> infix) {
        this.modules = BaseModules.of(model);
        this.infix = infix;
    }

    /**
     * Puts copies in the place of layers; on failure the model is as before.
     *
     * @param infix what stands between a layer's path and a weight's name in the adapter file: given the path, nothing, or a name that begins with a dot
     * @param copying given a layer, or another substitute of it, makes its copy
     */
    public static TrainedCopies attach(
            Model<?> model, List<String> paths, UnaryOperator<String> infix, Function<Module, TrainedCopy> copying) {
        TrainedCopies trained = new TrainedCopies(model, infix);
        boolean complete = false;
        try {
            for (String path : paths) {
                trained.modules.wrapInnermost(path, layer -> {
                    TrainedCopy copy = copying.apply(layer);
                    trained.copies.put(path, copy);
                    return copy;
                });
            }
            complete = true;
        } finally {
            if (!complete) {
                trained.remove();
            }
        }
        return trained;
    }

    /** The copies by the paths of their layers. */
    public Map<String, TrainedCopy> copies() {
        return Collections.unmodifiableMap(copies);
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        copies.forEach((path, copy) -> copy.weights()
                .forEach((name, weight) ->
                        parameters.put(Adapter.KEY_PREFIX + path + infix.apply(path) + "." + name, weight)));
        return parameters;
    }

    @Override
    public Set<String> paths() {
        return copies.keySet();
    }

    @Override
    public void setEnabled(boolean enabled) {
        copies.values().forEach(copy -> copy.use(enabled));
    }

    @Override
    public void remove() {
        copies.forEach((path, copy) -> {
            modules.unwrap(path, copy);
            copy.free();
        });
        copies.clear();
    }
}
