package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.Combinable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes one adapter of several.
 *
 * @param methods that may be combined
 * @param adapters those there are
 * @param arriving takes the new one in
 */
public record Combining(PeftMethods methods, HeldAdapters adapters, NewAdapters arriving) {

    public void combine(String name, Map<String, Double> weights, Combination how) {
        adapters.requireNew(name);
        AttachContext context = new AttachContext(name, how.seed(), false);
        List<Combinable.Part> parts = parts(weights);
        Combinable method = method(parts);
        requireApart(parts);
        PeftConfig config = method.combinedConfig(parts, how);
        arriving.add(config, context, adapter -> method.fill(adapter, parts, how));
    }

    /** In the model's order, whatever that of the map is. */
    private List<Combinable.Part> parts(Map<String, Double> weights) {
        weights.keySet().forEach(adapters::get);
        if (weights.isEmpty()) {
            throw new IllegalArgumentException("Found no adapter matching the names in []: name at least one");
        }
        List<Combinable.Part> parts = new ArrayList<>();
        for (HeldAdapter held : adapters.all()) {
            Double weight = weights.get(held.name());
            if (weight != null) {
                if (!Double.isFinite(weight)) {
                    throw new IllegalArgumentException(
                            "the weight of adapter '" + held.name() + "' must be finite, got " + weight);
                }
                parts.add(new Combinable.Part(held.name(), held.adapter(), weight));
            }
        }
        return parts;
    }

    private Combinable method(List<Combinable.Part> parts) {
        String type = parts.get(0).adapter().config().peftType();
        for (Combinable.Part part : parts) {
            String other = part.adapter().config().peftType();
            if (!other.equals(type)) {
                throw new IllegalArgumentException(
                        "Cannot combine adapters with different peft types. Found " + type + " and " + other + ".");
            }
        }
        return methods.byType(type)
                .combinable()
                .orElseThrow(() -> new UnsupportedOperationException(
                        "adapters of type " + type + " cannot be combined with weights"));
    }

    private void requireApart(List<Combinable.Part> parts) {
        Set<String> seen = new LinkedHashSet<>();
        Set<String> twice = new LinkedHashSet<>();
        for (Combinable.Part part : parts) {
            HeldAdapter held = adapters.get(part.name());
            if (!held.carried().substitutes().isEmpty()) {
                throw new IllegalArgumentException("adapter '" + part.name() + "' came with weights of its own for "
                        + held.carried().substitutes().keySet() + ", which cannot be combined");
            }
            held.substitutes().keySet().stream().filter(path -> !seen.add(path)).forEach(twice::add);
        }
        if (!twice.isEmpty()) {
            throw new IllegalArgumentException("Cannot add weighted adapters if they target the same module with"
                    + " modules_to_save, but found " + twice.size() + " such instance(s): " + twice);
        }
    }
}
