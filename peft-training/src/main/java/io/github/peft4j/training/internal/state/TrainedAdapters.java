package io.github.peft4j.training.internal.state;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.training.optimizer.internal.Depth;
import io.github.peft4j.training.optimizer.internal.GroupedWeights;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The trainable adapters of a model.
 *
 * @param frozen names of their weights that the run's groups froze
 */
public record TrainedAdapters(PeftModel<?> peft, Set<String> frozen) implements Trained {

    /** All that is trainable now. */
    public TrainedAdapters(PeftModel<?> peft) {
        this(peft, Set.of());
    }

    /**
     * What groups do not freeze of all that is trainable now; the rest is so no more.
     *
     * @throws IllegalArgumentException if nothing is left to train, or groups choose among a whole model's layers
     */
    public static TrainedAdapters of(PeftModel<?> peft, ParameterGroups groups) {
        if (groups.lastBlocks() != null) {
            throw new IllegalArgumentException("the last " + groups.lastBlocks()
                    + " layers can be chosen where a whole model is trained; an adapter's own settings say which layers"
                    + " it is in, as layers_to_transform does");
        }
        Map<String, Weight> all = new TrainedAdapters(peft).weights();
        Set<String> frozen = new GroupedWeights(groups, Depth.in(peft.model()), all.keySet()).frozen();
        if (!frozen.isEmpty()) {
            try (Lease change = peft.model().leases().change()) {
                frozen.forEach(name -> Objects.requireNonNull(all.get(name)).setTrainable(false));
            }
        }
        return new TrainedAdapters(peft, frozen);
    }

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
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>(weights().keySet());
        names.addAll(frozen);
        return names;
    }

    @Override
    public Map<Weight, Adapter.Factor> factors() {
        Map<Weight, Adapter.Factor> factors = new IdentityHashMap<>();
        peft.adapters().values().forEach(adapter -> factors.putAll(adapter.factors()));
        return factors;
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
    public long parameters() {
        return peft.parameterReport().all();
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
