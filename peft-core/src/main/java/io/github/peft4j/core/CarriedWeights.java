package io.github.peft4j.core;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.StoredArrays;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The base model's own embeddings that an adapter's file holds beside the adapter, as Hugging Face writes them where the adapter changes an
 * embedding ({@code save_embedding_layers} in {@code peft/utils/save_and_load.py}): {@code embed_tokens.base_layer.weight} where it is
 * wrapped, {@code embed_tokens.weight} where it is not, the same of the output layer.
 *
 * <p>Values that equal the model's change nothing. Others belong to the adapter: they are in use while it is, in a {@link Substitute}, so
 * that the base model itself stays as it is. Hugging Face overwrites the base model's for good.
 */
final class CarriedWeights {

    /** Where a prefix of Hugging Face's may stand: around adapters in layers, around prompts, none. */
    private static final List<String> PREFIXES = List.of(Adapter.KEY_PREFIX, Adapter.MODEL_PREFIX, "");

    /** Hugging Face's {@code EMBEDDING_LAYER_NAMES}. */
    private static final List<String> EMBEDDINGS = List.of("embed_tokens", "lm_head");

    /** Settings that name tokens whose vectors are trained one by one: with them Hugging Face saves no table. */
    private static final List<String> SINGLE_TOKENS = List.of("trainable_token_indices", "token_indices");

    /** A weight of the base model. */
    record Place(String path, Weight weight) {}

    private final BaseModules modules;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Map<String, Weight> carried = new LinkedHashMap<>();
    private final Map<String, Substitute> substitutes = new LinkedHashMap<>();

    /** None yet. */
    CarriedWeights(Model model) {
        this.modules = BaseModules.of(model);
        Anatomy anatomy = model.anatomy();
        // The output layer last: where both are given and tied, its values count, as in Hugging Face.
        for (String path : layers(anatomy)) {
            modules.base(path).ownWeights().forEach((name, weight) -> {
                for (String prefix : PREFIXES) {
                    places.putIfAbsent(prefix + path + "." + name, new Place(path, weight));
                    places.putIfAbsent(prefix + path + "." + Wrapper.BASE + "." + name, new Place(path, weight));
                }
            });
        }
    }

    private static List<String> layers(Anatomy anatomy) {
        @Nullable String head = anatomy.head();
        return head == null ? List.of(anatomy.inputEmbedding()) : List.of(anatomy.inputEmbedding(), head);
    }

    /** The weight that a key of a file means, or null if it means none that may be there. */
    @Nullable
    Weight find(String key) {
        Place place = places.get(key);
        return place == null ? null : place.weight;
    }

    /**
     * Takes over what a file holds.
     *
     * @param keys those of the file that {@link #find} knows, of the right shapes
     * @param owned paths of layers that the adapter already has copies of
     * @throws CheckpointException if reading fails; nothing is in use then
     */
    void load(Checkpoint file, Collection<String> keys, Collection<String> owned) throws CheckpointException {
        Map<Weight, Weight> changed = new HashMap<>();
        boolean complete = false;
        try {
            compare(file, keys, changed);
            complete = true;
        } finally {
            if (!complete) {
                changed.values().forEach(weight -> weight.array().close());
            }
        }
        carried.replaceAll((key, base) -> changed.getOrDefault(base, base));
        places.values().stream()
                .map(Place::path)
                .distinct()
                .filter(path -> !owned.contains(path))
                .forEach(path -> substitute(path, changed));
    }

    /** Puts values that differ from the base model's into {@code changed}, by the weight they differ from. */
    private void compare(Checkpoint file, Collection<String> keys, Map<Weight, Weight> changed)
            throws CheckpointException {
        for (Map.Entry<String, Place> entry : places.entrySet()) {
            String key = entry.getKey();
            Weight base = entry.getValue().weight;
            if (keys.contains(key)) {
                carried.put(key, base);
                Weight values = read(file, key, base);
                Weight before = isSame(values, base) ? changed.remove(base) : changed.put(base, values);
                if (before != null) {
                    before.array().close();
                }
                if (!changed.containsKey(base)) {
                    values.array().close();
                }
            }
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

    /** Whether the values that a file holds are those that are used with this adapter; for a key that {@link #find} knows. */
    boolean holds(Checkpoint file, String key) throws CheckpointException {
        Weight base = Objects.requireNonNull(places.get(key)).weight;
        Weight used = carried.getOrDefault(key, base);
        if (!file.info(key)
                .shape()
                .equals(Arrays.stream(used.shape().getShape()).boxed().toList())) {
            return false;
        }
        Weight values = read(file, key, base);
        try {
            return isSame(values, used);
        } finally {
            values.array().close();
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
     * What is to be saved beside an adapter, by key: what its file held before, and what Hugging Face saves with such a config.
     *
     * @param config whose {@code target_modules} are looked at
     */
    Map<String, Weight> toSave(PeftConfig config, Anatomy anatomy) {
        Map<String, Weight> saved = new LinkedHashMap<>(carried);
        if (targetsEmbeddings(config, anatomy)) {
            for (String path : layers(anatomy)) {
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
    private static boolean targetsEmbeddings(PeftConfig config, Anatomy anatomy) {
        Map<String, @Nullable Object> settings = config.settings();
        if (SINGLE_TOKENS.stream().anyMatch(key -> settings.get(key) != null)) {
            return false;
        }
        Object targets = settings.get("target_modules");
        if (targets instanceof String text) {
            PythonPattern pattern = PythonPattern.compile(text);
            return layers(anatomy).stream()
                    .anyMatch(path ->
                            EMBEDDINGS.contains(path.substring(path.lastIndexOf('.') + 1)) && pattern.matchesAll(path));
        }
        return targets instanceof Collection<?> names && EMBEDDINGS.stream().anyMatch(names::contains);
    }
}
