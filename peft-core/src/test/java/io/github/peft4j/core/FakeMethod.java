package io.github.peft4j.core;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A method as simple as one can be: every output of a layer is multiplied by a factor, which is trained. */
public final class FakeMethod extends PeftMethod<FakeConfig> {

    public static final PeftMethods ALONE = PeftMethods.of(new FakeMethod());

    /** All adapters of a folder, which are this method's. */
    static PeftModel<?> loadAll(Model<?> model, Path saved) throws IOException {
        PeftModel<?> peft = PeftModel.of(model, ALONE);
        peft.loadAll(saved);
        return peft;
    }

    /** What loading ends with, if anything. */
    RuntimeException failure;

    /** Whether adapters keep a weight of two values in a file of its own, at first zeros. */
    boolean keepsBeside;

    /** The last adapter attached. */
    FakeAdapter last;

    public FakeMethod() {
        super("fake", FakeConfig.SCHEMA, Defaults.USUAL);
    }

    @Override
    public Adapter attach(Model<?> model, FakeConfig config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        ModuleSelection selection =
                new ModuleSelection(config.targets(), null, List.of(), List.of(), config.modulesToSave());
        ModuleSelection.Selected selected =
                selection.in(modules, model.anatomy(), List.of("q_proj", "v_proj"), context);
        Map<String, FakeLayer> layers = new LinkedHashMap<>();
        for (String path : selected.paths()) {
            modules.wrap(path, inner -> {
                Weight like = modules.base(path).ownWeights().get("weight");
                long width = like.shape().get(modules.base(path) instanceof Linear ? 0 : 1);
                FakeLayer layer = new FakeLayer(
                        inner, width, like.scope(), config.initial().floatValue());
                layers.put(path, layer);
                return layer;
            });
        }
        Map<String, TrainedCopy> copies = new LinkedHashMap<>();
        for (String name : config.modulesToSave()) {
            modules.wrapInnermost(name, inner -> {
                TrainedCopy copy = TrainedCopy.of(inner, weight -> true, context);
                copies.put(name, copy);
                return copy;
            });
        }
        last = new FakeAdapter(modules, config.targeting(selected.targets()), layers, copies);
        last.failure = failure;
        last.kept = keepsBeside
                ? new Weight("kept", model.scope().zeros(Precision.FLOAT32, 2), Precision.FLOAT32, model.scope(), false)
                : null;
        return last;
    }
}
