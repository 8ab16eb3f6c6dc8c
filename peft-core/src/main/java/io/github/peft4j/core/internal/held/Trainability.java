package io.github.peft4j.core.internal.held;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.lease.Lease;
import java.util.List;

/**
 * Which adapters' parameters are trained.
 *
 * @param model the base model
 * @param adapters those that it has
 */
public record Trainability(Model<?> model, HeldAdapters adapters) {

    /**
     * Makes exactly these adapters' parameters trainable, and no other weight of the model.
     *
     * @throws IllegalArgumentException if one does not exist; nothing is changed then
     * @throws IllegalStateException if one is merged into the weights, or has nothing to train; nothing is changed then
     */
    public void set(List<String> names) {
        names.forEach(adapters::get);
        try (Lease change = model.leases().change()) {
            names.forEach(name -> requireTrainable(adapters.get(name)));
            model.freeze();
            adapters.all().forEach(HeldAdapter::freeze);
            for (String name : names) {
                adapters.get(name).adapter().trainable().values().forEach(weight -> weight.setTrainable(true));
            }
        }
    }

    private static void requireTrainable(HeldAdapter held) {
        if (held.isMerged()) {
            throw new IllegalStateException(
                    "adapter '" + held.name() + "' is merged into the weights; call unmerge() first");
        }
        if (held.adapter().trainable().isEmpty()) {
            throw new IllegalStateException("adapter '" + held.name() + "' has nothing to train");
        }
    }
}
