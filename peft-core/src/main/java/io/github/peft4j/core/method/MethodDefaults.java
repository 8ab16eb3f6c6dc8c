package io.github.peft4j.core.method;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where to begin with a method when nothing else is known. The more weights a method trains, and the nearer to the model's own they are, the smaller
 * its learning rate.
 *
 * @param learningRate the highest of a run, for models of ordinary size: that of Hugging Face PEFT's examples and of the paper, rounded
 * @param trial what shows the method at work on a small model in a short time
 */
public record MethodDefaults(double learningRate, Trial trial) {

    /** Those of a method that says nothing about itself. */
    public static final MethodDefaults USUAL = new MethodDefaults(1e-3, new Trial(200, 5e-3, Map.of()));

    /**
     * A short run over a model of some hundred thousand to some million parameters.
     *
     * @param steps optimizer steps
     * @param learningRate the highest
     * @param settings of the method, in place of what is usual: keys and values of {@code adapter_config.json}
     */
    public record Trial(long steps, double learningRate, Map<String, ? extends @Nullable Object> settings) {

        /** Copies the settings. */
        public Trial {
            settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        }
    }
}
