package io.github.peft4j.core;

import io.github.peft4j.models.Anatomy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a model's modules a method changes, by Hugging Face's rules.
 *
 * @param targets the modules, or null for the customary ones of the architecture
 * @param exclude modules left out again, or null
 * @param layers indices of the blocks to which {@code targets} is limited; empty for all
 * @param layersPatterns names of the lists of blocks that those indices count in; empty for any
 * @param modulesToSave modules that are trained whole, and so not changed in another way
 */
public record ModuleSelection(
        @Nullable TargetModules targets,
        @Nullable TargetModules exclude,
        List<Integer> layers,
        List<String> layersPatterns,
        List<String> modulesToSave) {

    /** Copies the lists. */
    public ModuleSelection {
        layers = List.copyOf(layers);
        layersPatterns = List.copyOf(layersPatterns);
        modulesToSave = List.copyOf(modulesToSave);
    }

    /**
     * What was selected.
     *
     * @param paths of the modules, in the model's order
     * @param targets what stands in the saved config: the given names, or those found where the architecture's or all linear layers
     *     were asked for
     */
    public record Selected(List<String> paths, TargetModules targets) {}

    /**
     * Finds the modules.
     *
     * @param purpose key of the architecture's customary names, for example {@code LORA}
     * @throws IllegalArgumentException if nothing matches, or a name matches nothing; says what there is
     */
    public Selected in(BaseModules modules, Anatomy anatomy, String purpose) {
        return new ModuleMatcher(this, modules, anatomy, purpose).select();
    }
}
