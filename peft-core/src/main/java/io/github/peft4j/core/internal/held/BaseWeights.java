package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.internal.MatchedNames;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The base model's weights by the names that adapter files may have for them: those of a whole model's state as Hugging Face PEFT has it,
 * and a layer's own whether it is wrapped or not. Made for one file, while its adapter is in the model, or to ask for its token tables
 * before.
 */
final class BaseWeights implements MatchedNames.Besides {

    /** Where a prefix of Hugging Face's may stand: around adapters in layers, around prompts, none. */
    private static final List<String> PREFIXES = List.of(Adapter.KEY_PREFIX, Adapter.MODEL_PREFIX, "");

    /** What {@code trainable_token_indices} puts between a token table's path and its weight's name. */
    private static final String TOKENS = ".token_adapter." + Wrapper.BASE;

    /**
     * A weight.
     *
     * @param path its layer
     * @param table whether it is a token table
     * @param read whether Hugging Face PEFT reads it under this name
     */
    record Place(String path, Weight weight, boolean table, boolean read) {}

    private final Pattern unused;
    private final @Nullable OtherVocabulary vocabulary;
    private final Set<String> owned;
    private final Map<String, Place> places = new LinkedHashMap<>();

    private BaseWeights(Pattern unused, @Nullable OtherVocabulary vocabulary, Set<String> owned) {
        this.unused = unused;
        this.vocabulary = vocabulary;
        this.owned = owned;
    }

    private static Pattern unused(Model<?> model) {
        ModelOrigin origin = model.origin();
        return origin == null ? ModelFamily.NONE : origin.unusedTensors();
    }

    /** Those of a model as it is. */
    static BaseWeights of(Model<?> model) {
        return of(model, null, Set.of());
    }

    /** Those of a model with the adapter whose file is read: tables of a vocabulary that the file brings must all be there. */
    static BaseWeights of(Model<?> model, HeldAdapter held) {
        return of(model, held.carried().vocabulary(), held.copies().keySet());
    }

    private static BaseWeights of(Model<?> model, @Nullable OtherVocabulary vocabulary, Set<String> owned) {
        BaseWeights weights = new BaseWeights(unused(model), vocabulary, owned);
        BaseModules modules = BaseModules.of(model);
        // The output layer last: where both tables are given and tied, its values count, as in Hugging Face.
        List<String> tables = model.tokenTables();
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
        List<String> forms = new ArrayList<>(List.of(state, path, path + "." + Wrapper.BASE));
        if (table) {
            forms.add(path + TOKENS);
        }
        for (String form : forms) {
            Place place = new Place(path, weight, table, table || form.equals(state));
            PREFIXES.forEach(prefix -> places.putIfAbsent(prefix + form + "." + name, place));
        }
    }

    /** All weights by name, in the order in which values count. */
    Map<String, Place> places() {
        return places;
    }

    /** The weights of token tables by name. */
    Map<String, Weight> tables() {
        Map<String, Weight> tables = new LinkedHashMap<>();
        places.forEach((name, place) -> {
            if (place.table) {
                tables.put(name, place.weight);
            }
        });
        return tables;
    }

    @Override
    public @Nullable Weight find(String name) {
        Place place = places.get(name);
        return place == null ? null : place.weight;
    }

    @Override
    public List<String> missing(Collection<String> names) {
        return vocabulary == null
                ? List.of()
                : vocabulary.missing(names.stream().map(this::find).toList(), owned);
    }

    @Override
    public boolean isUnused(String name) {
        return unused.matcher(name).matches();
    }
}
