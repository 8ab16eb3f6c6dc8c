package io.github.peft4j.methods.lntuning.internal;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.CopiesMerge;
import io.github.peft4j.methods.internal.layers.DefaultTargets;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.TrainedCopies;
import io.github.peft4j.methods.lntuning.LnTuningConfig;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * LN tuning: copies of the norms are trained and take their place, as Hugging Face PEFT's {@code LNTuningConfig} has it.
 *
 * @see <a href="https://arxiv.org/abs/2312.11420">Zhao et al. 2024</a>
 */
public final class LnTuningMethod extends PeftMethod<LnTuningConfig> {

    /** What Hugging Face puts between a layer's path and a weight's name. */
    private static final String INFIX = ".ln_tuning_layers";

    /** The norms of the blocks, but for those of queries and keys, and the last one. */
    static final DefaultTargets USUAL = DefaultTargets.byRole(LnTuningMethod::norms)
            .but("qwen2", "post_attention_layernorm")
            .but("qwen3", "post_attention_layernorm");

    /** For the registry of methods. */
    public LnTuningMethod() {
        super("ln-tuning", LnTuningConfig.SCHEMA, new Defaults(3e-3, new Defaults.Trial(450, 2e-2, Map.of())));
    }

    @Override
    public Adapter attach(Model<?> model, LnTuningConfig config, AttachContext context) {
        ModuleSelection.Selected selected = LayerTargets.of(config).select(model, USUAL, context);
        LayerTargets.require(
                model,
                selected.paths(),
                layer -> !layer.ownWeights().isEmpty() && layer.childModules().isEmpty(),
                "only single layers are supported: norms, linear layers and embeddings.");
        try (AdapterParts parts = new AdapterParts(model, context)) {
            TrainedCopies norms = parts.add(TrainedCopies.attach(
                    model,
                    selected.paths(),
                    path -> INFIX,
                    layer -> TrainedCopy.of(layer, name -> true, context).inFloat32()));
            parts.addWhole(config.modulesToSave());
            return parts.adapter(
                    config.toBuilder().targetModules(selected.targets()).build(),
                    new CopiesMerge(context.adapterName(), norms));
        }
    }

    private static List<String> norms(Anatomy anatomy) {
        List<String> norms = new ArrayList<>();
        for (Anatomy.Block block : anatomy.blocks()) {
            String attention = block.attention() + ".";
            block.norms().stream()
                    .filter(path -> !path.startsWith(attention) || path.indexOf('.', attention.length()) > 0)
                    .forEach(norms::add);
        }
        String last = anatomy.finalNorm();
        if (last != null) {
            norms.add(last);
        }
        return norms;
    }
}
