package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.TrainedCopy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The model's own biases that an adapter trains. What is trained are copies, so that the model without the adapter computes what it did
 * before: in Hugging Face PEFT it does not.
 */
final class TrainedBiases {

    private static final String BIAS = "bias";

    private final Model model;
    private final Map<String, TrainedCopy> copies = new LinkedHashMap<>();
    private final Set<String> adapted;

    private TrainedBiases(Model model, Set<String> adapted) {
        this.model = model;
        this.adapted = adapted;
    }

    /**
     * Puts copies in the place of biases; on failure the model is as before.
     *
     * @param adapted paths of the adapter's layers, whose biases are saved under {@code base_layer}
     * @param whole paths of layers that are trained whole
     * @throws IllegalArgumentException if another adapter trains biases
     */
    static TrainedBiases attach(Model model, LoraBias which, Set<String> adapted, Set<String> whole) {
        TrainedBiases biases = new TrainedBiases(model, adapted);
        boolean complete = false;
        try {
            biases.copy(which, whole);
            complete = true;
        } finally {
            if (!complete) {
                biases.remove();
            }
        }
        return biases;
    }

    private void copy(LoraBias which, Set<String> whole) {
        if (which == LoraBias.NONE) {
            return;
        }
        BaseModules modules = BaseModules.of(model);
        for (Map.Entry<String, Module> entry : modules.byPath().entrySet()) {
            String path = entry.getKey();
            boolean wanted = which == LoraBias.ALL ? !whole.contains(path) : adapted.contains(path);
            if (!wanted || !entry.getValue().ownWeights().containsKey(BIAS)) {
                continue;
            }
            requireUntrained(modules.outermost(path));
            modules.wrapInnermost(path, layer -> {
                TrainedCopy copy = TrainedCopy.of(layer, BIAS::equals);
                copies.put(path, copy);
                return copy;
            });
        }
    }

    private static void requireUntrained(Module outermost) {
        for (Module inner = outermost; inner instanceof Wrapper wrapper; inner = LoraLayer.under(wrapper)) {
            if (inner instanceof TrainedCopy copy && copy.weights().keySet().equals(Set.of(BIAS))) {
                throw new IllegalArgumentException("LoraModel supports only 1 adapter with bias. When using multiple"
                        + " adapters, set bias to 'none' for all adapters.");
            }
        }
    }

    /** The biases by key in the adapter file. */
    Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        copies.forEach((path, copy) -> parameters.put(
                Adapter.KEY_PREFIX + path + (adapted.contains(path) ? "." + Wrapper.BASE : "") + "." + BIAS,
                Objects.requireNonNull(copy.weights().get(BIAS))));
        return parameters;
    }

    /** Paths of the layers whose biases are trained. */
    Set<String> paths() {
        return copies.keySet();
    }

    void setEnabled(boolean enabled) {
        copies.values().forEach(copy -> copy.use(enabled));
    }

    /** Takes the copies out of the model and frees them. */
    void remove() {
        BaseModules modules = BaseModules.of(model);
        copies.forEach((path, copy) -> {
            modules.unwrap(path, copy);
            copy.free();
        });
        copies.clear();
    }
}
