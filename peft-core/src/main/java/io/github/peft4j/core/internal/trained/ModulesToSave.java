package io.github.peft4j.core.internal.trained;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.kernel.Weight;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers that an adapter trains whole beside what its method does: what {@code modules_to_save} names. Each is a {@link TrainedCopy},
 * saved under the layer's own path; a module with children is trained layer by layer.
 */
public final class ModulesToSave {

    private static final Logger LOG = LoggerFactory.getLogger(ModulesToSave.class);

    private static final String SETTING = "modules_to_save";

    private final Model<?> model;
    private final Map<String, TrainedCopy> copies = new LinkedHashMap<>();

    private ModulesToSave(Model<?> model) {
        this.model = model;
    }

    /**
     * A config with more names among its modules to save.
     *
     * @param heads names to add; if there are none, or the method has no such setting, the config stays as it is
     */
    public static PeftConfig withHeads(PeftConfig config, PeftMethod<?> method, List<String> heads) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>(config.settings());
        if (heads.isEmpty() || !settings.containsKey(SETTING)) {
            return config;
        }
        Set<String> names = new LinkedHashSet<>();
        if (settings.get(SETTING) instanceof List<?> given) {
            given.forEach(name -> names.add(String.valueOf(name)));
        }
        names.addAll(heads);
        settings.put(SETTING, List.copyOf(names));
        return method.schema()
                .read(settings, "the " + method.name() + " config")
                .withCommon(config.common());
    }

    /**
     * Puts copies in the place of the named modules' layers; on failure the model is as before.
     *
     * @param names ends of module paths. As in Hugging Face PEFT an end need not begin at a dot: {@code norm} names
     *     {@code input_layernorm} too
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws UnsupportedOperationException if a layer is of a kind that cannot be copied
     */
    public static ModulesToSave attach(Model<?> model, List<String> names, AttachContext context) {
        return attach(model, names, null, context);
    }

    /**
     * Puts copies in the place of the named modules' layers, and of an output layer that is tied to the token embedding, which is among them:
     * it shares the embedding's copy.
     *
     * @param names ends of module paths, as {@link #attach(Model, List, AttachContext)}
     * @param tied path of the output layer, or null for none
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws UnsupportedOperationException if a layer is of a kind that cannot be copied
     */
    public static ModulesToSave attach(
            Model<?> model, List<String> names, @Nullable String tied, AttachContext context) {
        ModulesToSave saved = new ModulesToSave(model);
        BaseModules modules = BaseModules.of(model);
        boolean complete = false;
        try {
            Set<String> own = paths(modules, names);
            own.remove(tied);
            for (String path : own) {
                modules.wrapInnermost(path, layer -> saved.add(path, TrainedCopy.of(layer, name -> true, context)));
            }
            if (tied != null) {
                TrainedCopy embedding =
                        Objects.requireNonNull(saved.copies.get(model.anatomy().inputEmbedding()));
                modules.wrapInnermost(tied, layer -> saved.add(tied, TrainedCopy.sharing(layer, embedding)));
            }
            complete = true;
        } finally {
            if (!complete) {
                saved.remove();
            }
        }
        return saved;
    }

    /** The names of several configs together, each once; null if they have none. */
    public static @Nullable List<String> united(List<@Nullable List<String>> configs) {
        Set<String> all = new LinkedHashSet<>();
        configs.forEach(names -> all.addAll(names == null ? List.of() : names));
        return all.isEmpty() ? null : List.copyOf(all);
    }

    private TrainedCopy add(String path, TrainedCopy copy) {
        copies.put(path, copy);
        return copy;
    }

    /** The layers, those that have weights of their own, at and under the modules with these ends of paths. */
    public static Set<String> paths(BaseModules modules, List<String> names) {
        Set<String> found = new LinkedHashSet<>();
        for (String name : names) {
            int before = found.size();
            Set<String> named = new LinkedHashSet<>(modules.byPath().keySet());
            named.removeIf(path -> path.isEmpty() || !path.endsWith(name));
            modules.byPath().forEach((path, module) -> {
                if (!module.ownWeights().isEmpty() && isAtOrUnder(path, named)) {
                    found.add(path);
                }
            });
            if (found.size() == before && named.isEmpty() && !TaskType.isHead(name)) {
                LOG.warn("modules_to_save names {}, which no module's path ends in", Printable.excerpt(name));
            }
        }
        return found;
    }

    private static boolean isAtOrUnder(String path, Set<String> named) {
        for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
            if (named.contains(path.substring(0, end))) {
                return true;
            }
        }
        return false;
    }

    /** The copies by the paths of their layers. */
    public Map<String, TrainedCopy> copies() {
        return Collections.unmodifiableMap(copies);
    }

    /** The copies' weights by key in the adapter file. */
    public Map<String, Weight> parameters() {
        return parameters(Adapter.KEY_PREFIX);
    }

    /**
     * The copies' weights by key in the adapter file.
     *
     * @param prefix what stands before a module's path there: {@link Adapter#KEY_PREFIX}, or {@link Adapter#MODEL_PREFIX} in the files
     *     of methods that change the inputs alone
     */
    public Map<String, Weight> parameters(String prefix) {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        copies.forEach((path, copy) ->
                copy.weights().forEach((name, weight) -> parameters.put(prefix + path + "." + name, weight)));
        return parameters;
    }

    /** Uses the copies, or the layers themselves. */
    public void setEnabled(boolean enabled) {
        copies.values().forEach(copy -> copy.use(enabled));
    }

    /** Takes the copies out of the model and frees them. */
    public void remove() {
        BaseModules modules = BaseModules.of(model);
        copies.forEach((path, copy) -> {
            modules.unwrap(path, copy);
            copy.free();
        });
        copies.clear();
    }
}
