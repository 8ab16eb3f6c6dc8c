package io.github.peft4j.training;

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
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A method for tests: y = base(x) + W drop(x), with W starting at zero. What it trains is W / 2; what it saves is W, and that is worked
 * out when it is saved, as P-tuning's table is.
 */
public final class ToyMethod extends PeftMethod<ToyMethod.Config> {

    /** One target and a dropout. */
    public record Config(CommonSettings common, SettingValues values) implements PeftConfig {

        private static final Setting<String> TARGET = Setting.text("target", "", "what is wrapped");

        private static final Setting<Double> DROPOUT = Setting.dropout("dropout", "of its inputs");

        private static final ConfigSchema<Config> SCHEMA =
                ConfigSchema.of("TOY").settings(TARGET, DROPOUT).build(Config::new);

        private record Builder(ConfigSchema.Draft<Config> draft) implements ConfigBuilder<Config, Builder> {}

        static Config of(String target, double dropout) {
            return new Builder(SCHEMA.draft())
                    .set(TARGET, target)
                    .set(DROPOUT, dropout)
                    .build();
        }

        String target() {
            return get(TARGET);
        }
    }

    private static final class Layer extends Wrapper {
        private final Weight half;
        private final Slot change;
        private final double dropout;
        private boolean enabled = true;

        private Layer(Module base, Weight half, double dropout) {
            super(base);
            this.half = half;
            this.change = child("toy", Linear.of(half, null));
            this.dropout = dropout;
        }

        @Override
        public Activation forward(Forward context, Activation x) {
            Activation y = wrapped().forward(context, x);
            if (!enabled) {
                return y;
            }
            Activation dropped = Functions.dropout(context, x, dropout);
            Activation once = change.forward(context, dropped);
            Activation twice = context.add(once, once);
            Activation sum = context.add(y, twice);
            if (dropped != x) {
                dropped.close();
            }
            y.close();
            once.close();
            twice.close();
            return sum;
        }
    }

    private record Attached(Model<?> model, Config config, Layer layer, Weight saved) implements Adapter {

        private String key() {
            return KEY_PREFIX + config.target() + ".toy.weight";
        }

        @Override
        public Map<String, Weight> parameters() {
            return Map.of(key(), saved);
        }

        @Override
        public Map<String, Weight> trainable() {
            return Map.of(key(), layer.half);
        }

        @Override
        public void beforeSave() {
            try (NDArray twice = saved.scope().kernels().scale(layer.half.array(), 2)) {
                saved.assign(twice);
            }
        }

        @Override
        public void afterLoad() {
            try (NDArray half = saved.scope().kernels().scale(saved.array(), 0.5)) {
                layer.half.assign(half);
            }
        }

        @Override
        public void setEnabled(boolean enabled) {
            layer.enabled = enabled;
        }

        @Override
        public boolean isEnabled() {
            return layer.enabled;
        }

        @Override
        public void remove() {
            model.replace(config.target(), module -> layer.wrapped());
        }
    }

    public ToyMethod() {
        super("toy", Config.SCHEMA, Defaults.USUAL);
    }

    @Override
    public Adapter attach(Model<?> model, Config config, AttachContext context) {
        Map<String, Layer> made = new LinkedHashMap<>();
        model.replace(config.target(), base -> {
            Linear linear = (Linear) base;
            Layer layer = new Layer(base, weight(model, linear), config.get(Config.DROPOUT));
            made.put(config.target(), layer);
            return layer;
        });
        Layer layer = made.get(config.target());
        return new Attached(model, config, layer, weight(model, (Linear) layer.wrapped()));
    }

    private static Weight weight(Model<?> model, Linear like) {
        NDArray zeros = model.scope().zeros(Precision.FLOAT32, like.out(), like.in());
        return new Weight("weight", zeros, Precision.FLOAT32, model.scope(), false);
    }
}
