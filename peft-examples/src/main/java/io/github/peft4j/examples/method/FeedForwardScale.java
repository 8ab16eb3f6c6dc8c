package io.github.peft4j.examples.method;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A trained scale for every output of every block's feed-forward part: \(y = s \odot \mathrm{mlp}(x)\), s [D]. */
public final class FeedForwardScale extends PeftMethod<FeedForwardScale.Config> {

    /**
     * The settings.
     *
     * @param common what the configs of all methods have
     * @param values what the settings of {@link #SCHEMA} are set to
     */
    public record Config(CommonSettings common, SettingValues values) implements PeftConfig {

        /** What every scale begins at. */
        public static final Setting<Double> INIT_SCALE =
                Setting.number("init_scale", 1, "what every scale begins at").in("at least 0", scale -> scale >= 0);

        /** All settings. */
        public static final ConfigSchema<Config> SCHEMA =
                ConfigSchema.of("FEED_FORWARD_SCALE").settings(INIT_SCALE).build(Config::new);

        /** Checks the settings. */
        public Config {
            values.requireValid(SCHEMA);
        }

        /** Starts settings; all have their defaults. */
        public static Builder builder() {
            return new Builder(SCHEMA.draft());
        }

        /** Collects settings. */
        public record Builder(ConfigSchema.Draft<Config> draft) implements ConfigBuilder<Config, Builder> {

            /** What every scale begins at; 1 if not given. */
            public Builder initScale(double scale) {
                return set(INIT_SCALE, scale);
            }
        }
    }

    /** For the registry of methods. */
    public FeedForwardScale() {
        super("feed-forward-scale", Config.SCHEMA, Defaults.USUAL);
    }

    @Override
    public Adapter attach(Model<?> model, Config config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        float[] first = new float[model.config().hiddenSize()];
        Arrays.fill(first, config.get(Config.INIT_SCALE).floatValue());
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
