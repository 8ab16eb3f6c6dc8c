package io.github.peft4j.methods.ia3;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.target.BaseModules;
import io.github.peft4j.core.target.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * (IA)^3: layers with trained vectors that scale their outputs or their inputs, and what Hugging Face PEFT's {@code IA3Config} makes of
 * that.
 *
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022</a>
 */
public final class Ia3Method implements PeftMethod<Ia3Config> {

    /** Key of an architecture's customary feed-forward layers. */
    private static final String FEEDFORWARD = "IA3_FEEDFORWARD";

    /** For the registry of methods. */
    public Ia3Method() {}

    @Override
    public String peftType() {
        return Ia3Config.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "ia3";
    }

    @Override
    public PeftMethod.Defaults defaults() {
        return new PeftMethod.Defaults(3e-3, new PeftMethod.Defaults.Trial(450, 5e-2, Map.of()));
    }

    @Override
    public Ia3Config read(ConfigValues values) {
        return Ia3Config.read(values);
    }

    @Override
    public Optional<Combinable> combinable() {
        return Optional.of(new Ia3Combinable());
    }

    @Override
    public Adapter attach(Model<?> model, Ia3Config config, AttachContext context) {
        TargetModules feedforward = feedforward(model, config);
        ModuleSelection.Selected selected = config.targets().select(model, Ia3Config.PEFT_TYPE, context, false);
        List<String> paths = selected.paths();
        LayerTargets.requireLinear(model, paths);
        Ia3Config settled = config.toBuilder()
                .targetModules(selected.targets())
                .feedforwardModules(saved(config, feedforward, selected))
                .fanInFanOut(LayerTargets.liesTransposed(model, paths, config.fanInFanOut()))
                .build();
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(AdaptedLayers.attach(model, wrapped -> {
                NewWeights first = NewWeights.of(model, context);
                for (String path : paths) {
                    boolean input = isFeedforward(feedforward, path);
                    Weight vector = vector(model, path, input, config.initIa3Weights(), first);
                    wrapped.wrap(path, base -> new Ia3Linear(base, vector, input));
                }
            }));
            parts.addWhole(config.modulesToSave());
            return parts.adapter(settled, new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static TargetModules feedforward(Model<?> model, Ia3Config config) {
        if (config.feedforwardModules() != null) {
            return config.feedforwardModules();
        }
        List<String> customary = model.anatomy().targets().get(FEEDFORWARD);
        if (customary == null) {
            throw new IllegalArgumentException("Please specify `feedforward_modules` in `peft_config`: "
                    + model.anatomy().modelType() + " has no customary ones");
        }
        return new TargetModules.Named(customary);
    }

    /**
     * What stands in the saved config: Hugging Face PEFT writes customary names that are not among the given targets, and then refuses
     * to read them.
     */
    private static TargetModules saved(Ia3Config config, TargetModules feedforward, ModuleSelection.Selected selected) {
        boolean given = config.feedforwardModules() != null;
        if (given
                || !(selected.targets() instanceof TargetModules.Named targets)
                || targets.names().containsAll(((TargetModules.Named) feedforward).names())) {
            return feedforward;
        }
        List<String> inner = targets.names().stream()
                .filter(name -> selected.paths().stream()
                        .anyMatch(path -> path.endsWith(name) && isFeedforward(feedforward, path)))
                .toList();
        TargetModules.Named named = new TargetModules.Named(inner);
        for (String path : selected.paths()) {
            if (isFeedforward(named, path) != isFeedforward(feedforward, path)) {
                throw new IllegalArgumentException("`feedforward_modules` should be a subset of `target_modules`, but"
                        + " no part of " + targets.names() + " names the customary " + feedforward.json()
                        + " and not " + path + " too. Please specify `feedforward_modules`");
            }
        }
        return named;
    }

    /** Hugging Face PEFT's rule, in which a name need not begin at a dot. */
    private static boolean isFeedforward(TargetModules feedforward, String path) {
        if (feedforward instanceof TargetModules.Named named) {
            return named.names().stream().anyMatch(path::endsWith);
        }
        return feedforward instanceof TargetModules.Matching matching
                && matching.pattern().matchesAll(path);
    }

    private static Weight vector(Model<?> model, String path, boolean input, boolean ones, NewWeights first) {
        Linear linear = (Linear) BaseModules.of(model).base(path);
        long[] shape = input ? new long[] {1, linear.in()} : new long[] {linear.out(), 1};
        return ones ? first.constant(Ia3Linear.NAME, 1, shape) : first.normal(Ia3Linear.NAME, shape);
    }
}
