package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What Hugging Face PEFT's files hold besides where all biases are trained and some layers are trained whole: the trained biases of those
 * layers a second time, and those that the base model has, both under names of PEFT's own modules. Files have to share the slip, or
 * neither side could read the other's without complaint.
 */
final class BiasesOfWholeLayers implements FilePart {

    private static final String BIAS = "bias";
    private static final String COPIES = "modules_to_save";

    private final Map<String, Weight> parameters = new LinkedHashMap<>();
    private final List<Weight> aliases = new ArrayList<>();

    /**
     * The biases of layers.
     *
     * @param whole the layers that are trained whole, by path; empty where not all biases are trained
     */
    BiasesOfWholeLayers(Map<String, TrainedCopy> whole) {
        whole.forEach((path, copy) -> {
            Weight trained = copy.weights().get(BIAS);
            if (trained != null) {
                String key = Adapter.KEY_PREFIX + path + ".";
                parameters.put(key + COPIES + "." + BIAS, trained);
                parameters.put(key + Substitute.IDLE + "." + BIAS, alias(copy));
            }
        });
    }

    /** The base model's bias in its own memory, read-only: what a file says of it goes elsewhere and is not used. */
    private Weight alias(TrainedCopy copy) {
        Module layer = AdaptedLayer.bottom(copy);
        @Nullable Weight base = layer.ownWeights().get(BIAS);
        Objects.requireNonNull(base);
        Weight alias = new Weight(BIAS, base.scope().alias(base.array()), base.precision(), base.scope(), true);
        aliases.add(alias);
        return alias;
    }

    @Override
    public Map<String, Weight> parameters() {
        return parameters;
    }

    @Override
    public void remove() {
        aliases.forEach(Weight::free);
        aliases.clear();
        parameters.clear();
    }
}
