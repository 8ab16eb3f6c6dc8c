package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.target.BaseModules;
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
public final class TrainedBiases implements AdapterPart {

    /** Which biases an adapter trains. */
    public enum Which {
        /** None. */
        NONE,
        /** Every bias of the model. */
        ALL,
        /** The biases of the adapted layers. */
        ADAPTED
    }

    private static final String BIAS = "bias";

    private final Model<?> model;
    private final Map<String, TrainedCopy> copies = new LinkedHashMap<>();
    private final Set<String> adapted;
    private final String method;

    private TrainedBiases(Model<?> model, Set<String> adapted, String method) {
        this.model = model;
        this.adapted = adapted;
        this.method = method;
    }

    /**
     * Puts copies in the place of biases; on failure the model is as before.
     *
     * @param adapted paths of the adapter's layers, whose biases are saved under {@code base_layer}
     * @param whole paths of layers that are trained whole
     * @param method how Hugging Face PEFT calls the method's class, for the message
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws IllegalArgumentException if another adapter trains biases
     */
    public static TrainedBiases attach(
            Model<?> model, Which which, Set<String> adapted, Set<String> whole, String method, AttachContext context) {
        TrainedBiases biases = new TrainedBiases(model, adapted, method);
        boolean complete = false;
        try {
            biases.copy(which, whole, context);
            complete = true;
        } finally {
            if (!complete) {
                biases.remove();
            }
        }
        return biases;
    }

    private void copy(Which which, Set<String> whole, AttachContext context) {
        if (which == Which.NONE) {
            return;
        }
        BaseModules modules = BaseModules.of(model);
        for (Map.Entry<String, Module> entry : modules.byPath().entrySet()) {
            String path = entry.getKey();
            boolean wanted = which == Which.ALL ? !whole.contains(path) : adapted.contains(path);
            if (!wanted || !entry.getValue().ownWeights().containsKey(BIAS)) {
                continue;
            }
            requireUntrained(modules.outermost(path));
            modules.wrapInnermost(path, layer -> {
                TrainedCopy copy = TrainedCopy.of(layer, BIAS::equals, context);
                copies.put(path, copy);
                return copy;
            });
        }
    }

    private void requireUntrained(Module outermost) {
        for (Module inner = outermost; inner instanceof Wrapper wrapper; inner = BaseModules.under(wrapper)) {
            if (inner instanceof TrainedCopy copy && copy.weights().keySet().equals(Set.of(BIAS))) {
                throw new IllegalArgumentException(
                        method
                                + " supports only 1 adapter with bias. When using multiple adapters, set bias to 'none' for all adapters.");
            }
        }
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        copies.forEach((path, copy) -> parameters.put(
                Adapter.KEY_PREFIX + path + (adapted.contains(path) ? "." + Wrapper.BASE : "") + "." + BIAS,
                Objects.requireNonNull(copy.weights().get(BIAS))));
        return parameters;
    }

    @Override
    public Set<String> paths() {
        return copies.keySet();
    }

    @Override
    public void setEnabled(boolean enabled) {
        copies.values().forEach(copy -> copy.use(enabled));
    }

    @Override
    public void remove() {
        BaseModules modules = BaseModules.of(model);
        copies.forEach((path, copy) -> {
            modules.unwrap(path, copy);
            copy.free();
        });
        copies.clear();
    }
}
