package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.Combinable;
import io.github.peft4j.core.ConfigValues;
import io.github.peft4j.core.ModuleSelection;
import io.github.peft4j.core.ModulesToSave;
import io.github.peft4j.core.PeftMethod;
import io.github.peft4j.methods.layers.AdaptedLayers;
import io.github.peft4j.methods.layers.AdapterParts;
import io.github.peft4j.methods.layers.BiasesOfWholeLayers;
import io.github.peft4j.methods.layers.LayerMerge;
import io.github.peft4j.methods.layers.LayerTargets;
import io.github.peft4j.methods.layers.TrainedBiases;
import io.github.peft4j.models.Model;
import java.util.Map;
import java.util.Optional;

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
        requireImplemented(config, context);
        LayerTargets targets = config.targets();
        ModuleSelection.Selected selected = targets.select(model, LoraConfig.PEFT_TYPE, context);
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(LoraLayers.attach(model, selected.paths(), config, context));
            ModulesToSave whole = parts.addWhole(config.modulesToSave());
            parts.add(TrainedBiases.attach(
                    model, config.bias().which(), layers.paths(), whole.copies().keySet(), "LoraModel", context));
            parts.add(new BiasesOfWholeLayers(config.bias() == LoraBias.ALL ? whole.copies() : Map.of()));
            LoraConfig settled = config.toBuilder()
                    .targetModules(selected.targets())
                    .fanInFanOut(LayerTargets.liesTransposed(model, selected.paths(), config.fanInFanOut()))
                    .build();
            return new LoraAdapter(
                    model.scope(),
                    settled,
                    layers,
                    parts.adapter(settled, new LayerMerge(model, context.adapterName(), layers.byPath())));
        }
    }

    private static void requireImplemented(LoraConfig config, AttachContext context) {
        if (context.initialise()
                && !LoraInitialization.of(config.initLoraWeights()).isImplemented()) {
            throw new UnsupportedOperationException("init_lora_weights=\"" + config.initLoraWeights()
                    + "\" is not implemented for new adapters, only for those that began so elsewhere");
        }
    }

    @Override
    public Optional<Combinable> combinable() {
        return Optional.of(new LoraCombinable());
    }
}
