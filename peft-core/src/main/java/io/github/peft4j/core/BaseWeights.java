package io.github.peft4j.core;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The base model's weights by the names that adapter files may have for them: those of a whole model's state as Hugging Face PEFT has it,
 * and a layer's own whether it is wrapped or not. Made for one file, while its adapter is in the model.
 */
final class BaseWeights implements MatchedNames.Besides {

    /** Where a prefix of Hugging Face's may stand: around adapters in layers, around prompts, none. */
    private static final List<String> PREFIXES = List.of(Adapter.KEY_PREFIX, Adapter.MODEL_PREFIX, "");

    /**
     * A weight.
     *
     * @param path its layer
     * @param table whether it is an embedding's or the output layer's
     * @param read whether Hugging Face PEFT reads it under this name
     */
    record Place(String path, Weight weight, boolean table, boolean read) {}

    private final Pattern unused;
    private final Map<String, Place> places = new LinkedHashMap<>();

    private BaseWeights(Pattern unused) {
        this.unused = unused;
    }

    /** Those of a model with the adapter whose file is read. */
    static BaseWeights of(Model model) {
        BaseWeights weights = new BaseWeights(model.unusedTensors());
        BaseModules modules = BaseModules.of(model);
        List<String> tables = tables(model.anatomy());
        Map<String, String> inState = modules.pathsInState();
        List<String> paths = new ArrayList<>(inState.keySet());
        paths.removeAll(tables);
        paths.addAll(tables);
        for (String path : paths) {
            String state = Objects.requireNonNull(inState.get(path));
            boolean table = tables.contains(path);
            modules.base(path).ownWeights().forEach((name, weight) -> weights.put(path, state, name, weight, table));
        }
        return weights;
    }

    private void put(String path, String state, String name, Weight weight, boolean table) {
        for (String form : List.of(state, path, path + "." + Wrapper.BASE)) {
            Place place = new Place(path, weight, table, table || form.equals(state));
            PREFIXES.forEach(prefix -> places.putIfAbsent(prefix + form + "." + name, place));
        }
    }

    /** Paths of the embedding and the output layer: that last, since where both are given and tied, its values count. */
    static List<String> tables(Anatomy anatomy) {
        @Nullable String head = anatomy.head();
        return head == null ? List.of(anatomy.inputEmbedding()) : List.of(anatomy.inputEmbedding(), head);
    }

    /** All weights by name, in the order in which values count. */
    Map<String, Place> places() {
        return places;
    }

    @Override
    public @Nullable Weight find(String name) {
        Place place = places.get(name);
        return place == null ? null : place.weight;
    }

    @Override
    public String advice(String name) {
        Place place = places.get(name);
        return place != null && place.table ? ": give the base model the adapter's vocabulary first" : "";
    }

    @Override
    public boolean isUnused(String name) {
        return unused.matcher(name).matches();
    }
}
