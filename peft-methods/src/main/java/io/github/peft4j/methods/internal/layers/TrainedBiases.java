package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.LayerSettings.Bias;
import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The model's own biases that an adapter trains. What is trained are copies, so that the model without the adapter computes what it did
 * before: in Hugging Face PEFT it does not.
 */
final class TrainedBiases {

    private static final String BIAS = "bias";

    private TrainedBiases() {}

    /**
     * Puts copies in the place of biases; on failure the model is as before.
     *
     * @param adapted paths of the adapter's layers, whose biases are saved under {@code base_layer}
     * @param whole paths of layers that are trained whole
     * @param method how Hugging Face PEFT calls the method's class, for the message
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws IllegalArgumentException if another adapter trains biases
     */
    static TrainedCopies attach(
            Model<?> model, Bias which, Set<String> adapted, Set<String> whole, String method, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        List<String> paths = modules.byPath().entrySet().stream()
                .filter(entry -> entry.getValue().ownWeights().containsKey(BIAS))
                .map(Map.Entry::getKey)
                .filter(path -> isWanted(path, which, adapted, whole))
                .toList();
        paths.forEach(path -> requireUntrained(modules.outermost(path), method));
        return TrainedCopies.attach(
                model,
                paths,
                path -> adapted.contains(path) ? "." + Wrapper.BASE : "",
                layer -> TrainedCopy.of(layer, BIAS::equals, context));
    }

    private static boolean isWanted(String path, Bias which, Set<String> adapted, Set<String> whole) {
        return switch (which) {
            case NONE -> false;
            case ALL -> !whole.contains(path);
            case ADAPTED -> adapted.contains(path);
        };
    }

    private static void requireUntrained(Module outermost, String method) {
        for (Module inner = outermost; inner instanceof Wrapper wrapper; inner = BaseModules.under(wrapper)) {
            if (inner instanceof TrainedCopy copy && copy.weights().keySet().equals(Set.of(BIAS))) {
                throw new IllegalArgumentException(
                        method
                                + " supports only 1 adapter with bias. When using multiple adapters, set bias to 'none' for all adapters.");
            }
        }
    }
}
