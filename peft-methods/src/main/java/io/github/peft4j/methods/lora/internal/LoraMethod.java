package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.DefaultTargets;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Low-rank adaptation: layers with a trainable update of low rank, and what Hugging Face PEFT's {@code LoraConfig} makes of that.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public final class LoraMethod extends PeftMethod<LoraConfig> {

    /** For the registry of methods. */
    public LoraMethod() {
        super(
                "lora",
                LoraConfig.SCHEMA,
                new Defaults(
                        2e-4,
                        new Defaults.Trial(
                                450, 5e-3, Map.of("r", 16, "lora_alpha", 32, "target_modules", "all-linear"))));
    }

    @Override
    public Adapter attach(Model<?> model, LoraConfig given, AttachContext context) {
        requireImplemented(given, context);
        Anatomy anatomy = model.anatomy();
        LoraTying tying = LoraTying.of(given, anatomy);
        LoraConfig config = tying.config();
        ModuleSelection.Selected selected =
                LayerTargets.of(config).select(model, DefaultTargets.QUERIES_AND_VALUES, context);
        List<String> own = own(selected.paths(), tying, anatomy);
        List<String> updated = updated(own, tying);
        LoraTokens tokens = LoraTokens.of(model, config, Set.copyOf(updated), whole(model, tying));
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers vectors = parts.add(tokens.attach(model, context));
            AdaptedLayers layers = parts.add(LoraLayers.attach(model, own, tying.updated(), config, context));
            ModulesToSave whole = parts.addWhole(config.modulesToSave(), tying.copied());
            parts.addBiases(config.bias(), layers, whole, "LoraModel");
            LoraConfig settled = config.toBuilder()
                    .targetModules(selected.targets())
                    .set(LayerSettings.FAN_IN_FAN_OUT, LayerTargets.liesTransposed(model, updated, config))
                    .build();
            LayerMerge merge =
                    new LayerMerge(model, context.adapterName(), AdaptedLayers.byPath(List.of(vectors, layers)));
            return new LoraAdapter(
                    model,
                    tying.saved(settled, anatomy),
                    new LoraAdapter.Layers(
                            layers, vectors, tying.updated(), tying.copied() != null, tokens.aliases(anatomy)),
                    parts.adapter(settled, merge));
        }
    }

    private static void requireImplemented(LoraConfig config, AttachContext context) {
        if (context.initialise()
                && !LoraInitialization.of(config.initLoraWeights()).isImplemented()) {
            throw new UnsupportedOperationException("init_lora_weights=\"" + config.initLoraWeights()
                    + "\" is not implemented for new adapters, only for those that began so elsewhere");
        }
    }

    /** The layers that get updates of their own: not a tied output layer, which shares the embedding's. */
    private static List<String> own(List<String> selected, LoraTying tying, Anatomy anatomy) {
        if (tying.copied() != null && selected.contains(tying.copied())) {
            throw new IllegalArgumentException("ensure_weight_tying lets " + tying.copied() + " share the copy of "
                    + anatomy.inputEmbedding()
                    + " that modules_to_save trains, but it is a target module too: a layer is"
                    + " either adapted or trained whole");
        }
        if (tying.updated() == null) {
            return selected;
        }
        if (!selected.contains(anatomy.inputEmbedding())) {
            throw new IllegalArgumentException("ensure_weight_tying needs " + anatomy.inputEmbedding()
                    + " among the target modules, but exclude_modules leaves it out");
        }
        return selected.stream().filter(path -> !path.equals(tying.updated())).toList();
    }

    private static List<String> updated(List<String> own, LoraTying tying) {
        List<String> all = new ArrayList<>(own);
        if (tying.updated() != null) {
            all.add(tying.updated());
        }
        return all;
    }

    private static Set<String> whole(Model<?> model, LoraTying tying) {
        List<String> names = tying.config().modulesToSave();
        Set<String> whole =
                new LinkedHashSet<>(ModulesToSave.paths(BaseModules.of(model), names == null ? List.of() : names));
        if (tying.copied() != null) {
            whole.add(tying.copied());
        }
        return whole;
    }

    @Override
    public Optional<Combinable> combinable() {
        return Optional.of(new LoraCombinable());
    }
}
