package io.github.peft4j.methods.bitfit.internal;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.bitfit.BitFitConfig;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.CopiesMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.TrainedCopies;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.internal.Biased;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * BitFit: biases are trained, the model's own and new ones that begin as zeros.
 *
 * <p>Hugging Face PEFT has no such method; the format is ours. Saved are the values that biases have, not what they changed by.
 *
 * @see <a href="https://arxiv.org/abs/2106.10199">Ben Zaken, Ravfogel and Goldberg 2022</a>
 */
public final class BitFitMethod extends PeftMethod<BitFitConfig> {

    /** For the registry of methods. */
    public BitFitMethod() {
        super("bitfit", BitFitConfig.SCHEMA, new Defaults(1e-3, new Defaults.Trial(450, 2e-2, Map.of())));
    }

    @Override
    public Adapter attach(Model<?> model, BitFitConfig config, AttachContext context) {
        BitFitConfig complete = config.targetModules() != null
                ? config
                : config.toBuilder().targetModules(defaults(model)).build();
        ModuleSelection.Selected selected = LayerTargets.of(complete).select(model, context);
        LayerTargets.require(
                model, selected.paths(), Biased.class::isInstance, "only linear layers and norms can have a bias.");
        try (AdapterParts parts = new AdapterParts(model, context)) {
            TrainedCopies biases = parts.add(TrainedCopies.attach(
                    model,
                    selected.paths(),
                    path -> "",
                    layer -> TrainedCopy.ofBias(layer, context).inFloat32()));
            parts.addWhole(config.modulesToSave());
            return parts.adapter(
                    config.toBuilder().targetModules(selected.targets()).build(),
                    new CopiesMerge(context.adapterName(), biases));
        }
    }

    /**
     * The linear layers of the blocks and those of their norms that have a bias, by their paths within a block. A bias after a norm that
     * has none could say nothing that the biases of the linear layers after it do not, and no checkpoint could hold it.
     */
    private static TargetModules defaults(Model<?> model) {
        BaseModules modules = BaseModules.of(model);
        List<String> names = new ArrayList<>();
        for (Anatomy.Block block : model.anatomy().blocks()) {
            Stream<String> linears = block.linears().stream().map(Anatomy.LinearLayer::path);
            Stream<String> norms = block.norms().stream()
                    .filter(path -> modules.base(path) instanceof Biased norm && norm.bias() != null);
            Stream.concat(linears, norms)
                    .map(path -> path.substring(block.path().length() + 1))
                    .forEach(names::add);
        }
        return new TargetModules.Named(names);
    }
}
