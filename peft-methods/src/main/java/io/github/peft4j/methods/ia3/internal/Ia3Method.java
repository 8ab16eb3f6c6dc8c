package io.github.peft4j.methods.ia3.internal;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.DefaultTargets;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * (IA)^3: layers with trained vectors that scale their outputs or their inputs, and what Hugging Face PEFT's {@code IA3Config} makes of
 * that.
 *
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022</a>
 */
public final class Ia3Method extends PeftMethod<Ia3Config> {

    /** The layers whose inputs are scaled: the last of the feed-forward parts. */
    static final DefaultTargets FEEDFORWARD = DefaultTargets.byRole(Ia3Method::feedforward)
            .but("bloom", "mlp.dense_4h_to_h")
            .but("bert", "output.dense")
            .but("roberta", "output.dense");

    /** Those, and the projections to keys and values. */
    static final DefaultTargets USUAL = DefaultTargets.byRole(Ia3Method::keysValuesAndFeedforward)
            .but("bert", "key", "value", "output.dense")
            .but("roberta", "key", "value", "output.dense")
            .but("bloom", "query_key_value", "mlp.dense_4h_to_h")
            .but("gemma", "q_proj", "v_proj", "down_proj")
            .but("gemma2", "q_proj", "v_proj", "down_proj")
            .but("gemma3_text", "q_proj", "v_proj", "down_proj")
            .but("opt", "q_proj", "k_proj", "fc2")
            .but("qwen2", "q_proj", "v_proj", "down_proj")
            .but("qwen3", "q_proj", "v_proj", "down_proj");

    /** For the registry of methods. */
    public Ia3Method() {
        super("ia3", Ia3Config.SCHEMA, new Defaults(3e-3, new Defaults.Trial(450, 5e-2, Map.of())));
    }

    @Override
    public Optional<Combinable> combinable() {
        return Optional.of(new Ia3Combinable());
    }

    @Override
    public Adapter attach(Model<?> model, Ia3Config config, AttachContext context) {
        TargetModules feedforward = feedforward(model, config);
        ModuleSelection.Selected selected = LayerTargets.of(config).select(model, USUAL, context, false);
        List<String> paths = selected.paths();
        LayerTargets.requireLinear(model, paths);
        Ia3Config settled = config.toBuilder()
                .targetModules(selected.targets())
                .feedforwardModules(saved(config, feedforward, selected))
                .set(LayerSettings.FAN_IN_FAN_OUT, LayerTargets.liesTransposed(model, paths, config))
                .build();
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(AdaptedLayers.attach(model, wrapped -> {
                NewWeights first = NewWeights.of(model, context);
                for (String path : paths) {
                    boolean input = isFeedforward(feedforward, path);
                    Weight vector = vector(model, path, input, config.get(Ia3Config.INIT_IA3_WEIGHTS), first);
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
        return new TargetModules.Named(FEEDFORWARD.names(model));
    }

    private static List<String> feedforward(Anatomy anatomy) {
        return anatomy.blocks().stream().map(Anatomy.Block::feedForwardOutput).toList();
    }

    private static List<String> keysValuesAndFeedforward(Anatomy anatomy) {
        List<String> layers = new ArrayList<>(DefaultTargets.projections(anatomy, 1, 2));
        layers.addAll(feedforward(anatomy));
        return layers;
    }

    /**
     * What stands in the saved config: Hugging Face PEFT writes default names that are not among the given targets, and then refuses
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
                        + " no part of " + targets.names() + " names the default " + feedforward.json()
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
