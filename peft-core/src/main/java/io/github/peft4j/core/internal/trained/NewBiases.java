package io.github.peft4j.core.internal.trained;

import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.internal.Biased;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The biases of a model with adapters that its checkpoint must have besides its own: those that adapters gave to layers without any, and
 * zeros for the other layers that the same key of {@code config.json} gives biases to.
 *
 * @param flags the keys that become true
 * @param zeros biases of zeros by full name
 */
public record NewBiases(Map<String, Boolean> flags, Map<String, Weight> zeros) {

    /**
     * Looks at a model.
     *
     * @param written full names of the weights that will be written
     * @param scope the owner of the zeros
     * @throws UnsupportedOperationException naming the layers whose biases no checkpoint of this architecture can hold
     */
    public static NewBiases of(Model<?> model, Set<String> written, Scope scope) {
        Anatomy anatomy = model.anatomy();
        Set<String> keys = new LinkedHashSet<>();
        Set<String> homeless = new LinkedHashSet<>();
        Map<String, Anatomy.LinearLayer> linears = anatomy.linears().stream()
                .collect(Collectors.toMap(Anatomy.LinearLayer::path, layer -> layer, (a, b) -> a, LinkedHashMap::new));
        BaseModules.of(model).byPath().forEach((path, layer) -> {
            if (isNew(path, layer, written)) {
                Anatomy.LinearLayer linear = linears.get(path);
                if (linear == null || linear.biasKey() == null) {
                    homeless.add(path);
                } else {
                    keys.add(linear.biasKey());
                }
            }
        });
        if (!homeless.isEmpty()) {
            throw new UnsupportedOperationException("a " + anatomy.className() + " checkpoint cannot hold biases of "
                    + shown(homeless) + ": its architecture has none there, and no setting that adds them. Keep the"
                    + " adapter apart, or train biases of other layers");
        }
        return new NewBiases(
                keys.stream().collect(Collectors.toMap(key -> key, key -> true, (a, b) -> a, LinkedHashMap::new)),
                zeros(model, keys, written, scope));
    }

    private static boolean isNew(String path, Module layer, Set<String> written) {
        return layer instanceof Biased biased && biased.bias() == null && written.contains(name(path));
    }

    private static String name(String path) {
        return path + "." + Biased.BIAS;
    }

    private static Map<String, Weight> zeros(Model<?> model, Set<String> keys, Set<String> written, Scope scope) {
        Map<String, Weight> zeros = new LinkedHashMap<>();
        BaseModules modules = BaseModules.of(model);
        for (Anatomy.LinearLayer linear : model.anatomy().linears()) {
            String name = name(linear.path());
            if (linear.biasKey() != null && keys.contains(linear.biasKey()) && !written.contains(name)) {
                long width = ((Biased) modules.base(linear.path())).out();
                zeros.put(
                        name,
                        new Weight(
                                Biased.BIAS, scope.zeros(Precision.FLOAT32, width), Precision.FLOAT32, scope, false));
            }
        }
        return zeros;
    }

    private static String shown(Set<String> paths) {
        List<String> all = List.copyOf(paths);
        return all.size() == 1 ? all.get(0) : all.get(0) + " and " + (all.size() - 1) + " other layers";
    }
}
