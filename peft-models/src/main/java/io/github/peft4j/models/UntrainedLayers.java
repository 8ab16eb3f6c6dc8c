package io.github.peft4j.models;

import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says, once, that outputs are made by layers that the checkpoint had no weights for. It is said when a model is used and not when it is loaded: an adapter may
 * bring the layers, and training makes them.
 */
final class UntrainedLayers {

    private static final Logger LOG = LoggerFactory.getLogger(Model.class);

    private final Model<?> model;
    private volatile boolean settled;

    UntrainedLayers(Model<?> model) {
        this.model = model;
        this.settled = model.head().newLayers().isEmpty();
    }

    /** A pass begins. */
    void used(Forward context) {
        if (settled) {
            return;
        }
        List<String> paths = model.head().newLayers();
        if (paths.stream().anyMatch(path -> isTrained(model.at(path)))) {
            // Not while other weights are only looked at: what is trainable need not have been trained yet.
            settled = context.isRecording();
            return;
        }
        List<String> random = paths.stream()
                .filter(path -> !(model.at(path) instanceof Wrapper))
                .toList();
        if (!random.isEmpty() && !context.isRecording()) {
            settled = true;
            ModelOrigin origin = model.origin();
            LOG.warn(
                    "{} has no weights for {}, which are drawn at random: train them",
                    origin == null ? "the checkpoint" : origin.folder(),
                    String.join(", ", random));
        }
    }

    private static boolean isTrained(Module layer) {
        return !(layer instanceof Wrapper)
                && layer.weightsByPath().values().stream().anyMatch(Weight::trainable);
    }
}
