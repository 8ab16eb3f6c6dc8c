package io.github.peft4j.training.internal.state;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The trainable adapters of a model. */
public record TrainedAdapters(PeftModel<?> peft) implements Trained {

    @Override
    public Model<?> model() {
        return peft.model();
    }

    @Override
    public Map<String, Weight> weights() {
        Map<String, Weight> weights = new LinkedHashMap<>(model().trainableWeights());
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.addAll(weights.values());
        // A method may keep weights that are no module's of the model.
        peft.adapters()
                .forEach((name, adapter) -> adapter.trainable().forEach((key, weight) -> {
                    if (weight.trainable() && seen.add(weight)) {
                        weights.put(name + ":" + key, weight);
                    }
                }));
        return weights;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        peft.adapters().forEach((name, adapter) -> {
            if (adapter.trainable().values().stream().anyMatch(Weight::trainable)) {
                PeftConfig config = adapter.config();
                settings.put("adapter " + name + ": peft_type", config.peftType());
                config.settings()
                        .forEach((key, value) ->
                                settings.put("adapter " + name + ": " + key, JsonWriter.LINE.write(value)));
            }
        });
        return settings;
    }

    @Override
    public void save(Path folder) throws IOException {
        peft.save(folder);
    }

    @Override
    public Map<String, Map<String, Weight>> savedInFull() {
        Map<String, Map<String, Weight>> files = new LinkedHashMap<>();
        peft.adapters().forEach((name, adapter) -> {
            String folder = name.equals(AttachContext.DEFAULT_NAME) ? "" : name + "/";
            files.put(folder + AdapterStore.WEIGHTS, inFull(adapter.parameters()));
            adapter.sidecar()
                    .filter(sidecar -> !sidecar.weights().isEmpty())
                    .ifPresent(sidecar -> files.put(folder + sidecar.file(), inFull(sidecar.weights())));
        });
        return files;
    }

    private static Map<String, Weight> inFull(Map<String, Weight> weights) {
        Map<String, Weight> held = new LinkedHashMap<>();
        weights.forEach((key, weight) -> {
            if (weight.trainable() && weight.precision() == Precision.FLOAT32) {
                held.put(key, weight);
            }
        });
        return held;
    }
}
