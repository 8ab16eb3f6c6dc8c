package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.target.BaseModules;
import io.github.peft4j.core.target.ModuleSelection;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings by which a method's layers are found, as they stand in Hugging Face's configs.
 *
 * @param targetModules the layers, or null for the architecture's customary ones
 * @param excludeModules layers left out again, or null
 * @param layersToTransform indices of the only blocks whose layers are meant, or null for all
 * @param layersPattern names of the lists of blocks that those indices count in, or null for any
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 */
public record LayerTargets(
        @Nullable TargetModules targetModules,
        @Nullable TargetModules excludeModules,
        @Nullable OneOrMany<Integer> layersToTransform,
        @Nullable OneOrMany<String> layersPattern,
        @Nullable List<String> modulesToSave) {

    /** Settings of a method that is not limited to some blocks. */
    public LayerTargets(
            @Nullable TargetModules targetModules,
            @Nullable TargetModules excludeModules,
            @Nullable List<String> modulesToSave) {
        this(targetModules, excludeModules, null, null, modulesToSave);
    }

    /** Notes what does not go together, in Hugging Face PEFT's words. */
    public void check(List<String> problems) {
        boolean text =
                targetModules instanceof TargetModules.Matching || targetModules instanceof TargetModules.AllLinear;
        if (text && layersToTransform != null) {
            problems.add("`layers_to_transform` cannot be used when `target_modules` is a str.");
        }
        if (text && layersPattern != null) {
            problems.add("`layers_pattern` cannot be used when `target_modules` is a str.");
        }
        checkPattern(problems);
    }

    /** Notes a pattern without indices, in Hugging Face PEFT's words. */
    public void checkPattern(List<String> problems) {
        if (layersPattern != null && !layersPattern.values().isEmpty() && layersToTransform == null) {
            problems.add("When `layers_pattern` is specified, `layers_to_transform` must also be specified. ");
        }
    }

    /** Puts {@code target_modules}, {@code exclude_modules} and {@code modules_to_save} among settings. */
    public void putTargets(Map<String, @Nullable Object> settings) {
        settings.put("target_modules", json(targetModules));
        settings.put("exclude_modules", json(excludeModules));
        settings.put("modules_to_save", modulesToSave);
    }

    /** Puts {@code layers_to_transform} and {@code layers_pattern} among settings. */
    public void putLayers(Map<String, @Nullable Object> settings) {
        settings.put("layers_to_transform", json(layersToTransform));
        settings.put("layers_pattern", json(layersPattern));
    }

    /** Modules as they stand in a config. */
    public static @Nullable Object json(@Nullable TargetModules modules) {
        return modules == null ? null : modules.json();
    }

    /** One value or several as they stand in a config. */
    public static @Nullable Object json(@Nullable OneOrMany<?> values) {
        return values == null ? null : values.json();
    }

    private ModuleSelection selection(boolean condense) {
        return new ModuleSelection(
                targetModules,
                excludeModules,
                layersToTransform == null ? List.of() : layersToTransform.values(),
                layersPattern == null ? List.of() : layersPattern.values(),
                modulesToSave == null ? List.of() : modulesToSave,
                condense);
    }

    /**
     * Finds the layers of an adapter; many names are condensed, as in all methods of Hugging Face but IA3.
     *
     * @param purpose key of the architecture's customary names, for example {@code LORA}
     * @throws IllegalArgumentException if nothing is found, as {@link ModuleSelection#in}, or a layer is also to be trained whole
     */
    public ModuleSelection.Selected select(Model<?> model, String purpose, AttachContext context) {
        return select(model, purpose, context, true);
    }

    /**
     * Finds the layers of an adapter.
     *
     * @param purpose key of the architecture's customary names, for example {@code LORA}
     * @param condense whether many names are exchanged for fewer that mean the same
     * @throws IllegalArgumentException if nothing is found, as {@link ModuleSelection#in}, or a layer is also to be trained whole
     */
    public ModuleSelection.Selected select(Model<?> model, String purpose, AttachContext context, boolean condense) {
        BaseModules modules = BaseModules.of(model);
        ModuleSelection.Selected selected = selection(condense).in(modules, model.anatomy(), purpose, context);
        requireApart(modules, selected.paths());
        return selected;
    }

    /**
     * Makes sure that no layer is adapted and trained whole at once.
     *
     * @throws IllegalArgumentException if one is
     */
    public void requireApart(BaseModules modules, List<String> adapted) {
        Set<String> whole = ModulesToSave.paths(modules, modulesToSave == null ? List.of() : modulesToSave);
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
        BaseModules modules = BaseModules.of(model);
        for (String path : paths) {
            Module layer = modules.base(path);
            if (!(layer instanceof Linear)) {
                throw new IllegalArgumentException(
                        "Target module " + path + " (" + layer.getClass().getSimpleName() + ") is not supported."
                                + " Currently, only linear layers, GPT-2's `Conv1D` among them, are supported.");
            }
        }
    }

    /** What Hugging Face PEFT leaves in {@code fan_in_fan_out}: the layout of the last linear layer it adapted. */
    public static boolean liesTransposed(Model<?> model, List<String> paths, boolean given) {
        BaseModules modules = BaseModules.of(model);
        boolean transposed = given;
        for (String path : paths) {
            if (modules.base(path) instanceof Linear linear) {
                transposed = linear.isConv1d();
            }
        }
        return transposed;
    }
}
