package io.github.peft4j.examples.method;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.target.BaseModules;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A trained scale for every output of every block's feed-forward part: \(y = s \odot \mathrm{mlp}(x)\), s [D]. */
public final class FeedForwardScale implements PeftMethod<FeedForwardScale.Config> {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "FEED_FORWARD_SCALE";

    /**
     * The settings.
     *
     * @param initScale what every scale begins at
     */
    public record Config(CommonSettings common, double initScale) implements PeftConfig {

        /** Checks the settings. */
        public Config {
            if (!Double.isFinite(initScale)) {
                throw new IllegalArgumentException("init_scale must be a finite number, got " + initScale);
            }
        }

        @Override
        public String peftType() {
            return PEFT_TYPE;
        }

        @Override
        public Config withCommon(CommonSettings other) {
            return new Config(other, initScale);
        }

        @Override
        public Map<String, @Nullable Object> settings() {
            return Map.of("init_scale", initScale);
        }
    }

    /** For the registry of methods. */
    public FeedForwardScale() {}

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public String name() {
        return "feed-forward-scale";
    }

    @Override
    public Config read(ConfigValues values) {
        double initScale = values.number("init_scale", 1);
        return new Config(values.finish(), initScale);
    }

    @Override
    public Adapter attach(Model<?> model, Config config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        float[] first = new float[model.config().hiddenSize()];
        Arrays.fill(first, (float) config.initScale());
        Map<String, ScaledLayer> layers = new LinkedHashMap<>();
        for (Anatomy.Block block : model.anatomy().blocks()) {
            NDArray values = model.scope().floats(first, first.length);
            modules.wrap(block.feedForwardOutput(), inner -> {
                ScaledLayer layer = new ScaledLayer(inner, values, model);
                layers.put(block.feedForwardOutput(), layer);
                return layer;
            });
        }
        return new Attached(modules, config, layers);
    }

    private record Attached(BaseModules modules, Config config, Map<String, ScaledLayer> layers) implements Adapter {

        @Override
        public Map<String, Weight> parameters() {
            Map<String, Weight> parameters = new LinkedHashMap<>();
            layers.forEach((path, layer) -> parameters.put(KEY_PREFIX + path + ".scale", layer.scale()));
            return parameters;
        }

        @Override
        public void setEnabled(boolean enabled) {
            layers.values().forEach(layer -> layer.setEnabled(enabled));
        }

        @Override
        public boolean isEnabled() {
            return layers.values().stream().allMatch(ScaledLayer::isEnabled);
        }

        @Override
        public void remove() {
            layers.forEach((path, layer) -> {
                modules.unwrap(path, layer);
                layer.scale().free();
            });
        }
    }
}
