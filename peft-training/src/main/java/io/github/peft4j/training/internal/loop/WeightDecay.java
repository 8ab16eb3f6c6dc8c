package io.github.peft4j.training.internal.loop;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.training.internal.state.Trained;
import io.github.peft4j.training.optimizer.internal.GroupedWeights;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which weights decay, as transformers' {@code Trainer.get_decay_parameter_names} decides: not those of layer norms, and not those whose
 * name speaks of a bias or a norm. What adapters add (LoRA's matrices, IA3's vectors, virtual tokens) decays like any matrix.
 */
public final class WeightDecay {

    private static final Pattern SPARED =
            Pattern.compile("bias|layernorm|rmsnorm|(?:^|\\.)norm(?:$|\\.)|_norm(?:$|\\.)");

    private final Map<String, Weight> weights;
    private final Set<Weight> ofNorms = Collections.newSetFromMap(new IdentityHashMap<>());

    private WeightDecay(Trained trained) {
        this.weights = trained.weights();
        for (Module module : trained.model().modulesByPath().values()) {
            if (module instanceof LayerNorm) {
                ofNorms.addAll(module.ownWeights().values());
            }
        }
    }

    public static WeightDecay of(Trained trained) {
        return new WeightDecay(trained);
    }

    /** What the update of each weight depends on, by name. */
    public Map<String, GroupedWeights.Traits> traits(Map<Weight, Adapter.Factor> factors) {
        Map<String, GroupedWeights.Traits> traits = new LinkedHashMap<>();
        weights.forEach((name, weight) -> traits.put(
                name,
                new GroupedWeights.Traits(
                        applies(name),
                        name.contains("bias") || ofNorms.contains(weight),
                        weight.shape().dimension(),
                        factors.get(weight))));
        return traits;
    }

    /** Whether the weight of a name decays. */
    public boolean applies(String name) {
        return !SPARED.matcher(name.toLowerCase(Locale.ROOT)).find() && !ofNorms.contains(weights.get(name));
    }
}
