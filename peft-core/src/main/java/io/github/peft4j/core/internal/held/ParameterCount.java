package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Counts a model's parameters as Hugging Face PEFT's {@code get_nb_trainable_parameters} does: each once, copies that adapters train
 * beside what they are copies of. Layers that merely stand in the place of the model's own, merged ones or those that came with an
 * adapter's file, are in that place in Hugging Face PEFT and not counted twice.
 */
public final class ParameterCount {

    private final Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Weight> weights = new ArrayList<>();

    private ParameterCount() {}

    public static ModelStatus.Parameters of(Model<?> model, Collection<HeldAdapter> adapters) {
        ParameterCount count = new ParameterCount();
        adapters.forEach(held -> {
            count.seen.addAll(held.trainedInPlace());
            count.weights.addAll(held.adapter().trainable().values());
        });
        count.collect(model);
        return count.report();
    }

    private void collect(Module module) {
        if (module instanceof Substitute substitute) {
            collect(substitute.below());
            return;
        }
        weights.addAll(module.ownWeights().values());
        module.childModules().values().forEach(this::collect);
    }

    private ModelStatus.Parameters report() {
        long all = 0;
        long trainable = 0;
        for (Weight weight : weights) {
            if (seen.add(weight)) {
                all += weight.size();
                trainable += weight.trainable() ? weight.size() : 0;
            }
        }
        return new ModelStatus.Parameters(trainable, all);
    }
}
