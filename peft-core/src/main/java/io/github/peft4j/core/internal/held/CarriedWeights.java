package io.github.peft4j.core.internal.held;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.pattern.PythonPattern;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The base model's own weights that an adapter's file holds beside the adapter. Hugging Face writes embeddings there where the adapter
 * changes one ({@code save_embedding_layers} in {@code peft/utils/save_and_load.py}): {@code embed_tokens.base_layer.weight} where it is
 * wrapped, {@code embed_tokens.weight} where it is not, the same of the output layer. Files that hold a model's whole state have all.
 *
 * <p>Values that equal the model's change nothing. Others belong to the adapter: they are in use while it is, in a {@link Substitute}, so
 * that the base model itself stays as it is. Hugging Face overwrites the base model's for good. Tables of another number of rows are those
 * of an {@link OtherVocabulary}.
 */
public final class CarriedWeights {

    private static final Logger LOG = LoggerFactory.getLogger(CarriedWeights.class);

    /** Hugging Face's {@code EMBEDDING_LAYER_NAMES}. */
    private static final List<String> EMBEDDINGS = List.of("embed_tokens", "lm_head");

    private final Model<?> model;
    private final BaseModules modules;
    private final Map<String, Weight> carried = new LinkedHashMap<>();
    private final Map<String, Substitute> substitutes = new LinkedHashMap<>();
    private @Nullable OtherVocabulary vocabulary;

    /** None yet. */
    public CarriedWeights(Model<?> model) {
        this.model = model;
        this.modules = BaseModules.of(model);
    }

    /**
     * Gives the model tables of a saved adapter's vocabulary, if that is another than the model's; to be called before the adapter is attached,
     * so that it has their size. Values that its file has come with {@link #load}.
     *
     * @throws CheckpointException if a table claims to be larger than the file, or tokens are not accounted for
     */
    void resize(SavedAdapter saved) throws CheckpointException {
        use(OtherVocabulary.in(saved, model));
    }

    /**
     * Gives the model rows for tokens that a new adapter adds; to be called before it is attached.
     *
     * @throws IllegalArgumentException if they do not follow the model's, one after the other
     */
    void resize(PeftConfig config) {
        use(OtherVocabulary.in(config, model));
    }

    private void use(@Nullable OtherVocabulary other) {
        vocabulary = other;
        if (other != null) {
            substitutes.putAll(other.tables());
        }
    }

    /** How many tokens the model has while the adapter is active. */
    int tokens() {
        return vocabulary == null ? model.config().vocabSize() : vocabulary.tokens();
    }

    /** The vocabulary that came with the adapter, or null if it has the model's. */
    public @Nullable OtherVocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * Takes over what a file holds.
     *
     * @param keys those of the file that {@code base} knows, of the right shapes
     * @param owned paths of layers that the adapter already has copies of
     * @param taken paths of layers that the adapter has taken something out of
     * @throws CheckpointException if reading fails, or values differ that cannot be used; nothing is in use then
     */
    void load(
            Checkpoint file,
            Collection<String> keys,
            BaseWeights base,
            Collection<String> owned,
            Collection<String> taken)
            throws CheckpointException {
        Map<Weight, Weight> changed = new HashMap<>();
        List<String> strange = new ArrayList<>();
        boolean complete = false;
        try {
            Set<String> known = Set.copyOf(keys);
            for (Map.Entry<String, BaseWeights.Place> entry : base.places().entrySet()) {
                BaseWeights.Place place = entry.getValue();
                if (known.contains(entry.getKey()) && (place.table() || !owned.contains(place.path()))) {
                    boolean usable = place.read() && !taken.contains(place.path());
                    compare(file, entry.getKey(), place, usable ? changed : null, strange);
                }
            }
            refuse(strange, file);
            complete = true;
        } finally {
            if (!complete) {
                changed.values().forEach(Weight::free);
            }
        }
        carried.replaceAll((key, weight) -> changed.getOrDefault(weight, weight));
        warn(base, changed);
        base.places().values().stream()
                .map(BaseWeights.Place::path)
                .distinct()
                .filter(path -> !owned.contains(path))
                .forEach(path -> substitute(path, changed));
    }

    /**
     * Looks whether values differ from the base model's; tables of another vocabulary have none but these.
     *
     * @param changed takes those that do, by the weight they differ from; null where they could not be used
     * @param strange takes the names of those that could not be used
     */
    private void compare(
            Checkpoint file,
            String key,
            BaseWeights.Place place,
            @Nullable Map<Weight, Weight> changed,
            List<String> strange)
            throws CheckpointException {
        Weight values = read(file, key, place.weight());
        boolean blank = vocabulary != null && vocabulary.awaits(place.weight());
        boolean same = !blank && isSame(values, place.weight());
        if (changed == null) {
            values.free();
            if (!same) {
                strange.add(key);
            }
            return;
        }
        if (blank) {
            place.weight().replace(values.array());
            carried.put(key, place.weight());
            return;
        }
        Weight before = same ? changed.remove(place.weight()) : changed.put(place.weight(), values);
        if (before != null) {
            before.free();
        }
        if (same) {
            values.free();
        }
        if (!same || place.table()) {
            carried.put(key, place.weight());
        }
    }

    private static void warn(BaseWeights base, Map<Weight, Weight> changed) {
        long layers = base.places().values().stream()
                .filter(place -> !place.table() && changed.containsKey(place.weight()))
                .map(BaseWeights.Place::path)
                .distinct()
                .count();
        if (layers > 0) {
            LOG.warn(
                    "the file holds weights of {} layers of a base model that are not this one's: they are used with the adapter",
                    layers);
        }
    }

    private static void refuse(List<String> strange, Checkpoint file) throws CheckpointException {
        if (!strange.isEmpty()) {
            throw new CheckpointException(file.source(strange.get(0)) + " holds " + strange.size()
                    + " weights of a base model that are not this one's and cannot be used with the adapter: "
                    + Listed.names(strange)
                    + "; use the base model that the adapter was trained on, or leave them out of the file");
        }
    }

    private static Weight read(Checkpoint file, String key, Weight base) throws CheckpointException {
        NDArray values = StoredArrays.read(file, key, base.scope(), base.computePrecision());
        return new Weight(base.name(), values, base.computePrecision(), base.scope(), false);
    }

    private static boolean isSame(Weight values, Weight base) {
        Kernels k = base.scope().kernels();
        try (NDArray own = base.precision() == base.computePrecision()
                        ? k.alias(base.original())
                        : k.cast(base.original(), base.computePrecision());
                NDArray difference = k.subtract(values.array(), own)) {
            return k.maxAbs(difference) == 0;
        }
    }

    /** Whether the values that a file holds for a weight of the base model are those that are used with this adapter. */
    boolean holds(Checkpoint file, String key, Weight base) throws CheckpointException {
        Weight used = carried.getOrDefault(key, base);
        if (used.packed() != null
                || !file.info(key)
                        .shape()
                        .equals(Arrays.stream(used.shape().getShape()).boxed().toList())) {
            return false;
        }
        Weight values = read(file, key, base);
        try {
            return isSame(values, used);
        } finally {
            values.free();
        }
    }

    private void substitute(String path, Map<Weight, Weight> changed) {
        Module layer = modules.base(path);
        boolean concerned = layer.ownWeights().values().stream().anyMatch(changed::containsKey);
        if (concerned) {
            substitutes.put(
                    path,
                    modules.substitute(path, base -> base.withWeights(weight -> changed.getOrDefault(weight, weight))));
        }
    }

    /** The layers that stand in the place of the model's own. */
    Map<String, Substitute> substitutes() {
        return substitutes;
    }

    void use(boolean on) {
        substitutes.values().forEach(substitute -> substitute.use(on));
    }

    void remove() {
        substitutes.forEach(modules::unwrap);
        substitutes.values().forEach(Substitute::free);
        substitutes.clear();
    }

    /**
     * What is to be saved beside an adapter, by key: what its file held before, and what Hugging Face saves with such a config, and of
     * layers that it saves whole because the vocabulary is another.
     */
    Map<String, Weight> toSave(Adapter adapter) {
        Map<String, Weight> saved = new LinkedHashMap<>(carried);
        if (vocabulary != null && vocabulary.fromFile()) {
            adapter.aliases().forEach((alias, key) -> {
                if (model.tokenTables().stream().anyMatch(path -> alias.startsWith(Adapter.KEY_PREFIX + path + "."))) {
                    saved.put(alias, Objects.requireNonNull(adapter.parameters().get(key)));
                }
            });
        }
        if (targetsEmbeddings(adapter.config())) {
            for (String path : model.tokenTables()) {
                Module outermost = modules.outermost(path);
                if (outermost instanceof Wrapper && !(outermost instanceof Substitute)) {
                    Substitute substitute = substitutes.get(path);
                    Module layer = substitute == null ? modules.base(path) : substitute.copy();
                    layer.ownWeights()
                            .forEach((name, weight) -> saved.put(
                                    Adapter.KEY_PREFIX + path + "." + Wrapper.BASE + "." + name,
                                    Objects.requireNonNull(weight)));
                }
            }
        }
        return saved;
    }

    /** Whether an adapter is for an embedding by one of the names that Hugging Face goes by, so that it saves those. */
    private boolean targetsEmbeddings(PeftConfig config) {
        Map<String, @Nullable Object> settings = config.settings();
        // With single tokens Hugging Face saves no table.
        if (TokensBeyond.SETTINGS.stream().anyMatch(key -> settings.get(key) != null)) {
            return false;
        }
        Object targets = settings.get("target_modules");
        if (targets instanceof String text) {
            PythonPattern pattern = PythonPattern.compile(text);
            return model.tokenTables().stream()
                    .anyMatch(path ->
                            EMBEDDINGS.contains(path.substring(path.lastIndexOf('.') + 1)) && pattern.matchesAll(path));
        }
        return targets instanceof Collection<?> names && EMBEDDINGS.stream().anyMatch(names::contains);
    }
}
