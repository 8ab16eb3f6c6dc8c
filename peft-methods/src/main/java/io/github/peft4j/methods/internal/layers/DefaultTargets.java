package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The layers of a method where none are named: by their roles, or by name where Hugging Face PEFT's table has other ones for an
 * architecture. Immutable.
 *
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/utils/constants.py">peft/utils/constants.py</a>
 */
public final class DefaultTargets {

    /** None: the config must name them. */
    static final DefaultTargets NONE = byRole(anatomy -> List.of());

    /** The projections to queries and values, or the one to all three: LoRA's, and those of the methods that PEFT lets follow it. */
    public static final DefaultTargets QUERIES_AND_VALUES = byRole(anatomy -> projections(anatomy, 0, 2));

    private final Function<Anatomy, List<String>> paths;
    private final Map<String, List<String>> named;

    private DefaultTargets(Function<Anatomy, List<String>> paths, Map<String, List<String>> named) {
        this.paths = paths;
        this.named = named;
    }

    /** The layers that have a role, by their paths. */
    public static DefaultTargets byRole(Function<Anatomy, List<String>> paths) {
        return new DefaultTargets(paths, Map.of());
    }

    /** The same with these names in models of a type. */
    public DefaultTargets but(String modelType, String... names) {
        Map<String, List<String>> more = new LinkedHashMap<>(named);
        more.put(modelType, List.of(names));
        return new DefaultTargets(paths, more);
    }

    /** The names for a model, each as short as it can be, in the form in which the config of an adapter has them. */
    public List<String> names(Model<?> model) {
        Anatomy anatomy = model.anatomy();
        List<String> given = named.get(anatomy.modelType());
        return given != null
                ? given
                : shortest(paths.apply(anatomy), BaseModules.of(model).byPath().keySet());
    }

    /** The last parts of paths, as many as it takes to name none of the others. */
    private static List<String> shortest(List<String> wanted, Collection<String> all) {
        Set<String> others = new LinkedHashSet<>(all);
        wanted.forEach(others::remove);
        Set<String> names = new LinkedHashSet<>();
        for (String path : wanted) {
            int dot = path.lastIndexOf('.');
            while (dot >= 0 && isEndOfOne(path.substring(dot), others)) {
                dot = path.lastIndexOf('.', dot - 1);
            }
            names.add(path.substring(dot + 1));
        }
        return List.copyOf(names);
    }

    private static boolean isEndOfOne(String end, Set<String> paths) {
        return paths.stream().anyMatch(path -> path.endsWith(end));
    }

    /** In every block the fused projection, or two of those to queries, keys and values, by their places. */
    public static List<String> projections(Anatomy anatomy, int one, int other) {
        List<String> found = new ArrayList<>();
        for (Anatomy.Block block : anatomy.blocks()) {
            found.add(block.projections().get(block.fused() ? 0 : one));
            if (!block.fused()) {
                found.add(block.projections().get(other));
            }
        }
        return found;
    }
}
