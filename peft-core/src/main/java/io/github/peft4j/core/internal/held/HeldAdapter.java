package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of a model's adapters, with what core keeps for it.
 *
 * @param copies the layers that it trains copies of, by path
 * @param carried the base model's weights that came with it
 * @param folder where its tokenizer lies if it has one of its own, which is where it was read from; or null
 */
public record HeldAdapter(
        String name,
        Adapter adapter,
        Map<String, Substitute> copies,
        CarriedWeights carried,
        @Nullable Path folder) {

    /** The folder of its own tokenizer, or null if it has none. */
    @Nullable
    Path tokenizer() {
        return folder != null && Tokenizer.isIn(folder) ? folder : null;
    }

    /** The base model's layers in whose place it puts others while it is active, by path. */
    Map<String, Substitute> substitutes() {
        Map<String, Substitute> all = new LinkedHashMap<>(copies);
        all.putAll(carried.substitutes());
        return Collections.unmodifiableMap(all);
    }

    /**
     * Weights of the base model that are trained in their own place in Hugging Face PEFT, and counted once: those of layers of which
     * only a part is copied, as biases are.
     */
    List<Weight> trainedInPlace() {
        List<Weight> found = new ArrayList<>();
        for (Substitute substitute : copies.values()) {
            if (substitute instanceof TrainedCopy copy) {
                Map<String, Weight> before =
                        Substitute.layerUnder(copy.original()).ownWeights();
                if (copy.weights().size() < before.size()) {
                    copy.weights().keySet().forEach(name -> found.add(Objects.requireNonNull(before.get(name))));
                }
            }
        }
        return found;
    }

    /** The modules that do all that it does, if they can apply to some rows of a batch only. */
    public Optional<Collection<Module>> rowModules() {
        return adapter.rowModules().map(wrappers -> {
            List<Module> modules = new ArrayList<>(wrappers);
            modules.addAll(substitutes().values());
            return modules;
        });
    }

    public boolean isActive() {
        return adapter.isEnabled();
    }

    void setActive(boolean active) {
        adapter.setEnabled(active);
        carried.use(active);
    }

    public boolean isMerged() {
        return adapter.mergeable().filter(Adapter.Mergeable::isMerged).isPresent();
    }

    public boolean isTrainable() {
        return adapter.trainable().values().stream().anyMatch(Weight::trainable);
    }

    WeightChange merge() {
        return adapter.mergeable().orElseThrow().merge();
    }

    void unmerge() {
        adapter.mergeable().filter(Adapter.Mergeable::isMerged).ifPresent(Adapter.Mergeable::unmerge);
    }

    public void freeze() {
        adapter.trainable().values().forEach(weight -> weight.setTrainable(false));
    }

    void remove() {
        carried.remove();
        adapter.remove();
    }
}
