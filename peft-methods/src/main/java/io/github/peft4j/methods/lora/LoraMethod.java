package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.Combinable;
import io.github.peft4j.core.ConfigValues;
import io.github.peft4j.core.ModuleSelection;
import io.github.peft4j.core.ModulesToSave;
import io.github.peft4j.core.PeftMethod;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Linear;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Low-rank adaptation: layers with a trainable update of low rank, and what Hugging Face PEFT's {@code LoraConfig} makes of that.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public final class LoraMethod implements PeftMethod<LoraConfig> {

    /** For the registry of methods. */
    public LoraMethod() {}

    @Override
    public String peftType() {
        return LoraConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "lora";
    }

    @Override
    public LoraConfig read(ConfigValues values) {
        return LoraSettings.read(values);
    }

    @Override
    public Adapter attach(Model model, LoraConfig config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        List<String> saved = config.modulesToSave() == null ? List.of() : config.modulesToSave();
        ModuleSelection.Selected selected = new ModuleSelection(
                        config.targetModules(),
                        config.excludeModules(),
                        config.layersToTransform() == null
                                ? List.of()
                                : config.layersToTransform().values(),
                        config.layersPattern() == null
                                ? List.of()
                                : config.layersPattern().values(),
                        saved)
                .in(modules, model.anatomy(), LoraConfig.PEFT_TYPE, context);
        requireApart(selected.paths(), ModulesToSave.paths(modules, saved));
        Deque<Runnable> undo = new ArrayDeque<>();
        boolean complete = false;
        try {
            AdaptedLayers layers = AdaptedLayers.attach(model, selected.paths(), config, context);
            undo.push(layers::remove);
            ModulesToSave whole = ModulesToSave.attach(model, saved);
            undo.push(whole::remove);
            Set<String> adapted = layers.byPath().keySet();
            TrainedBiases biases = TrainedBiases.attach(
                    model, config.bias(), adapted, whole.copies().keySet());
            undo.push(biases::remove);
            BiasesOfWholeLayers besides =
                    new BiasesOfWholeLayers(config.bias() == LoraBias.ALL ? whole.copies() : Map.of());
            undo.push(besides::free);
            LoraConfig settled = config.toBuilder()
                    .targetModules(selected.targets())
                    .fanInFanOut(liesTransposed(modules, selected.paths(), config.fanInFanOut()))
                    .build();
            LoraAdapter adapter =
                    new LoraAdapter(model, context.adapterName(), settled, layers, whole, biases, besides);
            complete = true;
            return adapter;
        } finally {
            if (!complete) {
                undo.forEach(Runnable::run);
            }
        }
    }

    @Override
    public Optional<Combinable> combinable() {
        return Optional.of(new LoraCombinable());
    }

    private static void requireApart(List<String> adapted, Set<String> whole) {
        for (String path : adapted) {
            if (whole.contains(path)) {
                throw new IllegalArgumentException("modules_to_save also names " + path
                        + ", which is a target module: a layer is either adapted or trained whole");
            }
        }
    }

    /** What Hugging Face PEFT leaves in {@code fan_in_fan_out}: the layout of the last linear layer it adapted. */
    private static boolean liesTransposed(BaseModules modules, List<String> paths, boolean given) {
        boolean transposed = given;
        for (String path : paths) {
            if (modules.base(path) instanceof Linear linear) {
                transposed = linear.isConv1d();
            }
        }
        return transposed;
    }
}
