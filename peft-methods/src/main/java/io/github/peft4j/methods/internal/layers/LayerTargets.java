package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The layers that a config names.
 *
 * @param values its settings; what it does not have is not limited
 */
public record LayerTargets(SettingValues values) {

    /** The layers that a config names. */
    public static LayerTargets of(PeftConfig config) {
        return new LayerTargets(config.values());
    }

    private ModuleSelection selection(boolean condense) {
        OneOrMany<Integer> layers = values.get(LayerSettings.LAYERS_TO_TRANSFORM);
        OneOrMany<String> patterns = values.get(LayerSettings.LAYERS_PATTERN);
        return new ModuleSelection(
                values.get(LayerSettings.TARGET_MODULES),
                values.get(LayerSettings.EXCLUDE_MODULES),
                layers == null ? List.of() : layers.values(),
                patterns == null ? List.of() : patterns.values(),
                whole(),
                condense);
    }

    private List<String> whole() {
        return Objects.requireNonNullElse(values.get(LayerSettings.MODULES_TO_SAVE), List.of());
    }

    /**
     * Finds the layers of an adapter whose config names some; many names are condensed.
     *
     * @throws IllegalArgumentException if nothing is found, as {@link ModuleSelection#in}
     */
    public ModuleSelection.Selected select(Model<?> model, AttachContext context) {
        return select(model, DefaultTargets.NONE, context);
    }

    /**
     * Finds the layers of an adapter; many names are condensed, as in all methods of Hugging Face but IA3.
     *
     * @param usual the layers where none are named
     * @throws IllegalArgumentException if nothing is found, as {@link ModuleSelection#in}, or a layer is also to be trained whole
     */
    public ModuleSelection.Selected select(Model<?> model, DefaultTargets usual, AttachContext context) {
        return select(model, usual, context, true);
    }

    /**
     * Finds the layers of an adapter.
     *
     * @param usual the layers where none are named
     * @param condense whether many names are exchanged for fewer that mean the same
     * @throws IllegalArgumentException if nothing is found, as {@link ModuleSelection#in}, or a layer is also to be trained whole
     */
    public ModuleSelection.Selected select(
            Model<?> model, DefaultTargets usual, AttachContext context, boolean condense) {
        BaseModules modules = BaseModules.of(model);
        ModuleSelection.Selected selected =
                selection(condense).in(modules, model.anatomy(), usual.names(model), context);
        requireApart(modules, selected.paths());
        return selected;
    }

    /**
     * Makes sure that no layer is adapted and trained whole at once.
     *
     * @throws IllegalArgumentException if one is
     */
    public void requireApart(BaseModules modules, List<String> adapted) {
        Set<String> whole = ModulesToSave.paths(modules, whole());
        for (String path : adapted) {
            if (whole.contains(path)) {
                throw new IllegalArgumentException("modules_to_save also names " + path
                        + ", which is a target module: a layer is either adapted or trained whole");
            }
        }
    }

    /**
     * Makes sure that layers are linear.
     *
     * @throws IllegalArgumentException if one is not
     */
    public static void requireLinear(Model<?> model, List<String> paths) {
        require(
                model,
                paths,
                Linear.class::isInstance,
                "only linear layers, GPT-2's `Conv1D` among them, are supported.");
    }

    /**
     * Makes sure that a method can adapt layers.
     *
     * @param supported the kinds of layers, for the message
     * @throws IllegalArgumentException if it cannot adapt one
     */
    public static void require(Model<?> model, List<String> paths, Predicate<Module> adaptable, String supported) {
        BaseModules modules = BaseModules.of(model);
        for (String path : paths) {
            Module layer = modules.base(path);
            if (!adaptable.test(layer)) {
                throw new IllegalArgumentException("Target module " + path + " ("
                        + layer.getClass().getSimpleName() + ") is not supported." + " Currently, " + supported);
            }
        }
    }

    /** What Hugging Face PEFT leaves in {@code fan_in_fan_out}: the layout of the last linear layer it adapted. */
    public static boolean liesTransposed(Model<?> model, List<String> paths, PeftConfig config) {
        BaseModules modules = BaseModules.of(model);
        boolean transposed = config.get(LayerSettings.FAN_IN_FAN_OUT);
        for (String path : paths) {
            if (modules.base(path) instanceof Linear linear) {
                transposed = linear.isConv1d();
            }
        }
        return transposed;
    }
}
