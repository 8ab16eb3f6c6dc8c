package io.github.peft4j.methods.bottleneck.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.bottleneck.BottleneckConfig;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Bottleneck adapters behind the parts of every block.
 *
 * @see <a href="https://arxiv.org/abs/1902.00751">Houlsby et al. 2019</a>
 */
public final class BottleneckMethod extends PeftMethod<BottleneckConfig> {

    /** For the registry of methods. */
    public BottleneckMethod() {
        super(
                "bottleneck",
                BottleneckConfig.SCHEMA,
                new Defaults(1e-3, new Defaults.Trial(450, 5e-3, Map.of("bottleneck_size", 32))));
    }

    @Override
    public Adapter attach(Model<?> model, BottleneckConfig config, AttachContext context) {
        List<String> paths = paths(model.anatomy(), config.get(BottleneckConfig.VARIANT));
        LayerTargets.of(config).requireApart(BaseModules.of(model), paths);
        try (AdapterParts parts = new AdapterParts(model, context)) {
            parts.add(AdaptedLayers.attach(model, layers -> wrap(model, layers, paths, config, context)));
            parts.addWhole(config.modulesToSave());
            return parts.adapter(config, null);
        }
    }

    private static List<String> paths(Anatomy anatomy, BottleneckConfig.Variant variant) {
        return anatomy.blocks().stream()
                .flatMap(block -> switch (variant) {
                    case HOULSBY -> Stream.of(block.attentionOutput(), block.feedForwardOutput());
                    case PFEIFFER -> Stream.of(block.feedForwardOutput());
                })
                .toList();
    }

    /**
     * The width of the waist behind a layer: at least 1.
     *
     * @throws IllegalArgumentException if the reduction factor makes it wider than any array
     */
    static int waist(BottleneckConfig config, long width) {
        Integer given = config.get(BottleneckConfig.BOTTLENECK_SIZE);
        if (given != null) {
            return given;
        }
        Number factor = Objects.requireNonNull(config.get(BottleneckConfig.REDUCTION_FACTOR));
        double size = width / factor.doubleValue();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("reduction_factor " + factor
                    + " is too small: the adapter of a layer of width " + width + " would have a width of " + size);
        }
        return Math.max(1, (int) size);
    }

    private static void wrap(
            Model<?> model, AdaptedLayers layers, List<String> paths, BottleneckConfig config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        NewWeights first = NewWeights.of(model, context);
        ActivationFunction function = ActivationFunction.of(config.get(BottleneckConfig.NON_LINEARITY));
        for (String path : paths) {
            long width = ((Linear) modules.base(path)).out();
            int size = waist(config, width);
            Bottleneck bottleneck =
                    Bottleneck.of(first, width, size, function, config.get(BottleneckConfig.INIT_WEIGHTS));
            layers.wrap(path, module -> new BottleneckLayer(module, bottleneck));
        }
    }
}
