package io.github.peft4j.core.selection;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.internal.ModuleMatcher;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of a model's modules a method changes, by Hugging Face's rules: step by step those of {@code check_target_module_exists} and
 * {@code inject_adapter} in {@code peft/tuners/tuners_utils.py}.
 *
 * <p>Beyond Hugging Face, a name that matches nothing while others match is refused in a new adapter, where it is most likely a slip of
 * the pen; saved adapters may carry such names.
 *
 * @param targets the modules, or null for those that are usual in the architecture
 * @param exclude modules left out again, or null
 * @param layers indices of the blocks to which {@code targets} is limited; empty for all. A whole path among the targets is not limited
 * @param layersPatterns names of the lists of blocks that those indices count in, as regular expressions; empty for any
 * @param modulesToSave modules that are trained whole, and so not changed in another way
 * @param condense whether {@value #MANY} or more names are exchanged for the fewest ends of paths that mean the same
 */
public record ModuleSelection(
        @Nullable TargetModules targets,
        @Nullable TargetModules exclude,
        List<Integer> layers,
        List<String> layersPatterns,
        List<String> modulesToSave,
        boolean condense) {

    /** Names that are worth condensing; Hugging Face's {@code MIN_TARGET_MODULES_FOR_OPTIMIZATION}. */
    public static final int MANY = 20;

    /** Copies the lists. */
    public ModuleSelection {
        layers = List.copyOf(layers);
        layersPatterns = List.copyOf(layersPatterns);
        modulesToSave = List.copyOf(modulesToSave);
    }

    /** A selection whose names are condensed if they are many, as they are in all methods of Hugging Face but IA3. */
    public ModuleSelection(
            @Nullable TargetModules targets,
            @Nullable TargetModules exclude,
            List<Integer> layers,
            List<String> layersPatterns,
            List<String> modulesToSave) {
        this(targets, exclude, layers, layersPatterns, modulesToSave, true);
    }

    /**
     * What was selected.
     *
     * @param paths of the modules, in the model's order
     * @param targets what stands in the saved config: the given names, condensed if they are many, or those found where the
     *     architecture's or all linear layers were asked for
     */
    public record Selected(List<String> paths, TargetModules targets) {}

    /**
     * Finds the modules for an adapter.
     *
     * @param usual names where none are given; empty if there are none
     * @param context a new adapter's names must all match something; a saved one's need not
     * @throws IllegalArgumentException if nothing matches, or a name of a new adapter matches nothing, or an expression is not valid or
     *     takes too long; says what there is
     */
    public Selected in(BaseModules modules, Anatomy anatomy, List<String> usual, AttachContext context) {
        List<String> paths = new ArrayList<>();
        Set<String> linears = new LinkedHashSet<>();
        modules.byPath().forEach((path, module) -> {
            if (!path.isEmpty()) {
                paths.add(path);
            }
            if (module instanceof Linear && !path.equals(anatomy.head())) {
                linears.add(path);
            }
        });
        return ModuleMatcher.of(this, paths, linears, usual, anatomy.modelType())
                .select(context.initialise());
    }

    /** Finds the modules for a new adapter, as {@link #in(BaseModules, Anatomy, List, AttachContext)}. */
    public Selected in(BaseModules modules, Anatomy anatomy, List<String> usual) {
        return in(modules, anatomy, usual, AttachContext.of(0));
    }
}
