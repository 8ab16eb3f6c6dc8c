package io.github.peft4j.core.method.internal;

import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a tensor's name in an adapter file means. Hugging Face PEFT reads more than the keys that it writes, and leaves more in its files
 * than it reads:
 *
 * <ul>
 *   <li>a model's state saved by hand has the adapter's name in its keys: {@code lora_A.default.weight}, {@code vera_lambda_d.default};
 *   <li>DoRA's magnitude has been a parameter and is the weight of a layer: {@code lora_magnitude_vector.weight};
 *   <li>a layer that is trained whole stands under its own path, and may stand there once more as the copies that PEFT works on:
 *       {@code lm_head.modules_to_save.weight} is what {@code lm_head.weight} is, {@code lm_head.original_module.weight} the base model's.
 * </ul>
 *
 * Keys may lack {@link Adapter#KEY_PREFIX}. A key that is another one's alias means a copy of it.
 *
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/utils/save_and_load.py">set_peft_model_state_dict</a>
 */
public final class KeySpellings {

    private static final String COPY = ".modules_to_save.";

    private static final String ORIGINAL = "." + Substitute.IDLE + ".";

    private static final String WEIGHT = "weight";

    private final Set<String> keys;
    private final Map<String, String> aliases;
    private final Predicate<String> ofBase;

    /**
     * Spellings of an adapter's keys.
     *
     * @param aliases other keys of the same weights
     * @param ofBase whether a key is the name of a weight of the base model: then the adapter has a copy of it
     */
    public KeySpellings(Set<String> keys, Map<String, String> aliases, Predicate<String> ofBase) {
        this.keys = new HashSet<>(keys);
        this.keys.addAll(aliases.keySet());
        this.aliases = aliases;
        this.ofBase = ofBase;
    }

    /** How a name stands for a key. */
    enum Kind {
        /** It means the weight. */
        OWN,
        /** It means the weight, and may stand beside another name that does. */
        COPY,
        /** It means the base model's weight in whose place the adapter's is. */
        REPLACED
    }

    /**
     * What a name means.
     *
     * @param key one of the adapter's keys
     * @param adapter the adapter's name if it is in there, or null
     */
    public record Meaning(String key, @Nullable String adapter, Kind kind) {}

    /** What a name means, or null if it means none of the adapter's keys. */
    public @Nullable Meaning of(String name) {
        Meaning meaning = read(name);
        if (meaning == null) {
            return null;
        }
        @Nullable String aliased = aliases.get(meaning.key);
        return aliased == null ? meaning : new Meaning(aliased, meaning.adapter, Kind.COPY);
    }

    private @Nullable Meaning read(String name) {
        for (String full : new String[] {name, Adapter.KEY_PREFIX + name}) {
            if (keys.contains(full)) {
                return new Meaning(full, null, Kind.OWN);
            }
        }
        Meaning meaning = spelled(name);
        return meaning == null ? spelled(Adapter.KEY_PREFIX + name) : meaning;
    }

    private @Nullable Meaning spelled(String name) {
        int copy = name.lastIndexOf(COPY);
        if (copy >= 0) {
            return copied(name.substring(0, copy), name.substring(copy + COPY.length()), Kind.COPY);
        }
        int original = name.lastIndexOf(ORIGINAL);
        if (original >= 0) {
            return copied(name.substring(0, original), name.substring(original + ORIGINAL.length()), Kind.REPLACED);
        }
        int last = name.lastIndexOf('.');
        if (last < 0) {
            return null;
        }
        String stem = name.substring(0, last);
        String end = name.substring(last + 1);
        if (isParameter(stem)) {
            return new Meaning(stem, end.equals(WEIGHT) ? null : end, Kind.OWN);
        }
        int middle = stem.lastIndexOf('.');
        if (middle < 0) {
            return null;
        }
        String outer = stem.substring(0, middle);
        String adapter = stem.substring(middle + 1);
        if (isOwn(outer + "." + end)) {
            return new Meaning(outer + "." + end, adapter, Kind.OWN);
        }
        return end.equals(WEIGHT) && isParameter(outer) ? new Meaning(outer, adapter, Kind.OWN) : null;
    }

    /** A weight of a layer that is trained whole, with or without the adapter's name before what lies in the layer. */
    private @Nullable Meaning copied(String path, String rest, Kind kind) {
        if (keys.contains(path + "." + rest)) {
            return new Meaning(path + "." + rest, null, kind);
        }
        int dot = rest.indexOf('.');
        return dot > 0 && keys.contains(path + rest.substring(dot))
                ? new Meaning(path + rest.substring(dot), rest.substring(0, dot), kind)
                : null;
    }

    /** Whether a key is of the method's own making: names of other adapters stand in no other. */
    private boolean isOwn(String key) {
        return keys.contains(key) && !ofBase.test(key);
    }

    /** Whether a key is that of a bare parameter, not of a layer's weight. */
    private boolean isParameter(String key) {
        String end = key.substring(key.lastIndexOf('.') + 1);
        return isOwn(key) && !end.equals(WEIGHT) && !end.equals("bias");
    }
}
