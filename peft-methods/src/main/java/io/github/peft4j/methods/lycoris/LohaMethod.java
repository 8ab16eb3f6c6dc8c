package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.target.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.Map;

/**
 * LoHa: layers with an update that is the Hadamard product of two low-rank matrices.
 *
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 */
public final class LohaMethod implements PeftMethod<LohaConfig> {

    /** Hugging Face PEFT adapts the same layers as with LoRA where none are named. */
    static final String PURPOSE = "LORA";

    /** For the registry of methods. */
    public LohaMethod() {}

    @Override
    public String peftType() {
        return LohaConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "loha";
    }

    @Override
    public PeftMethod.Defaults defaults() {
        return new PeftMethod.Defaults(
                5e-4,
                new PeftMethod.Defaults.Trial(450, 5e-3, Map.of("r", 8, "alpha", 16, "target_modules", "all-linear")));
    }

    @Override
    public LohaConfig read(ConfigValues values) {
        return LohaConfig.read(values);
    }

    @Override
    public Adapter attach(Model<?> model, LohaConfig config, AttachContext context) {
        LycorisSettings settings = config.lycoris();
        ModuleSelection.Selected selected = settings.targets().select(model, PURPOSE, context);
        NewWeights first = NewWeights.of(model, context);
        LycorisDropout dropout = new LycorisDropout(settings.rankDropout(), settings.moduleDropout(), true);
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(LycorisLayers.attach(
                    model, selected.paths(), settings, (standing, layer, rank, scale) -> {
                        List<Weight> factors = LohaLinear.factors(first, layer, rank, config.initWeights());
                        return new LohaLinear(standing, factors, scale, dropout);
                    }));
            parts.addWhole(settings.targets().modulesToSave());
            return parts.adapter(
                    config.withTargetModules(selected.targets()),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }
}
