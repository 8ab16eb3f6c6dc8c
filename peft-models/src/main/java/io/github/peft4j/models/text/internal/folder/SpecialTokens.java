package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The special and added tokens of a checkpoint from all files that name some, in transformers' order of precedence
 * ({@code _from_pretrained} and {@code __init__} of {@code tokenization_utils_base.py}, 5.23):
 *
 * <ol>
 *   <li>{@code additional_special_tokens} is {@code extra_special_tokens} where that is missing or empty.
 *   <li>Keys of the config that end with {@code _token}, and then a dict {@code extra_special_tokens}, name tokens; together they replace
 *       {@code model_specific_special_tokens}, which counts where there are none of them.
 *   <li>Without {@code added_tokens_decoder} the values of {@code special_tokens_map.json} replace those of the config; its list of
 *       {@code extra_special_tokens} is appended, its dict added to the named ones.
 *   <li>A list {@code additional_special_tokens} that is left counts where there is no list of {@code extra_special_tokens}.
 * </ol>
 */
public final class SpecialTokens {

    /** The special tokens that have a name, in Hugging Face's order. */
    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private static final String EXTRA = "extra_special_tokens";
    private static final String ADDITIONAL = "additional_special_tokens";
    private static final String SPECIFIC = "model_specific_special_tokens";

    private final TokenizerConfig config;
    private final TokenizerClass built;
    private final Map<String, @Nullable Object> settings;
    private final Map<Integer, AddedToken> declared;
    private final Map<String, AddedToken> named = new LinkedHashMap<>();
    private final Map<String, String> ownNames;
    private final List<AddedToken> more;

    /**
     * The tokens of a checkpoint.
     *
     * @param config the files beside {@code tokenizer.json}
     * @param json {@code tokenizer.json}
     * @param built the class that is made of them
     * @throws CheckpointException if one of the files is damaged
     */
    public SpecialTokens(TokenizerConfig config, TokenizerJson json, TokenizerClass built) throws CheckpointException {
        this.config = config;
        this.built = built;
        this.settings = new LinkedHashMap<>(config.settings());
        this.declared = config.declared();
        this.ownNames = built.namedTokens();
        ownNames.keySet().removeIf(name -> settings.containsKey(name) && settings.get(name) == null);
        collectSpecific();
        if (!config.declaresAll()) {
            replaceByOldFiles();
            declareOld();
            json.addedById().forEach(declared::put);
        }
        name(json.paddingToken());
        this.more = listed();
    }

    private void collectSpecific() {
        Object extra = settings.get(EXTRA);
        boolean isEmpty =
                JsonValues.list(extra).isEmpty() && JsonValues.object(extra).isEmpty();
        if (settings.containsKey(ADDITIONAL) && isEmpty) {
            settings.put(EXTRA, settings.remove(ADDITIONAL));
        }
        Map<String, @Nullable Object> specific = new LinkedHashMap<>();
        settings.forEach((name, value) -> {
            if (isOwnName(name) && value instanceof String) {
                specific.put(name, value);
            }
        });
        settings.keySet().removeAll(specific.keySet());
        takeNamed(specific);
        if (!specific.isEmpty()) {
            settings.put(SPECIFIC, specific);
        }
    }

    /** Takes extra tokens out of the settings if they have names. */
    private void takeNamed(Map<String, @Nullable Object> named) {
        if (settings.get(EXTRA) instanceof Map) {
            named.putAll(JsonValues.object(settings.remove(EXTRA)));
        }
    }

    private static boolean isOwnName(String key) {
        return key.endsWith("_token") && !NAMES.contains(key);
    }

    private void replaceByOldFiles() {
        config.oldSpecialTokens().forEach((name, value) -> {
            Object used = value;
            if (name.equals(EXTRA) && value instanceof List) {
                List<@Nullable Object> both = new ArrayList<>(items(settings.get(EXTRA)));
                both.addAll(JsonValues.list(value));
                used = both;
            } else if (value instanceof Map && !name.equals(EXTRA)) {
                Map<String, @Nullable Object> token = new LinkedHashMap<>(JsonValues.object(value));
                token.put("special", true);
                used = token;
            }
            settings.put(name, used);
        });
        if (settings.get(EXTRA) instanceof Map) {
            Map<String, @Nullable Object> specific = new LinkedHashMap<>(JsonValues.object(settings.get(SPECIFIC)));
            takeNamed(specific);
            settings.put(SPECIFIC, specific);
        }
    }

    /** The items of a list, or the values of an object. */
    private static Collection<@Nullable Object> items(@Nullable Object value) {
        return value instanceof Map ? JsonValues.object(value).values() : JsonValues.list(value);
    }

    private void declareOld() throws CheckpointException {
        Set<String> special = new HashSet<>();
        NAMES.forEach(name -> special.add(content(settings.get(name))));
        items(settings.get(EXTRA)).forEach(token -> special.add(content(token)));
        for (Map.Entry<String, @Nullable Object> entry : config.oldAddedTokens().entrySet()) {
            if (!(entry.getValue() instanceof Integer id) || id < 0) {
                throw new CheckpointException(config.file().resolveSibling("added_tokens.json")
                        + " must map tokens to ids, got " + JsonWriter.shown(entry.getKey()) + ": "
                        + JsonWriter.shown(entry.getValue()));
            }
            boolean isSpecial = special.contains(entry.getKey());
            declared.put(id, new AddedToken(entry.getKey(), false, false, false, !isSpecial, isSpecial));
        }
    }

    private static String content(@Nullable Object token) {
        return JsonValues.text(token instanceof String ? token : JsonValues.at(token, "content"));
    }

    private void name(@Nullable String padding) {
        Map<String, Optional<AddedToken>> defaults = built.defaultTokens();
        for (String name : NAMES) {
            Object value = settings.get(name);
            Optional<AddedToken> token = Optional.empty();
            if (value != null) {
                token = Optional.of(value instanceof String text ? built.token(name, text) : AddedToken.of(value));
            } else if (settings.containsKey(name)) {
                continue;
            } else if (defaults.containsKey(name)) {
                token = defaults.get(name);
            } else if (name.equals("pad_token") && padding != null) {
                token = Optional.of(AddedToken.special(padding));
            }
            token.ifPresent(known -> named.put(name, known(known).asSpecial()));
        }
        ownNames.forEach((name, content) -> named.put(name, AddedToken.special(content)));
        settings.forEach((name, value) -> {
            boolean token = value instanceof String || "AddedToken".equals(JsonValues.at(value, "__type"));
            if (isOwnName(name) && token) {
                named.put(name, AddedToken.of(value));
            }
        });
        JsonValues.object(settings.get(SPECIFIC)).forEach((name, value) -> named.put(name, AddedToken.of(value)));
    }

    /** A token with the properties that its declaration gives it, if it has one. */
    private AddedToken known(AddedToken token) {
        AddedToken last = token;
        for (AddedToken other : declared.values()) {
            last = other.content().equals(token.content()) ? other : last;
        }
        return last;
    }

    private List<AddedToken> listed() throws CheckpointException {
        if (settings.containsKey(EXTRA)) {
            return tokens(settings.get(EXTRA));
        }
        return built.more(tokens(settings.get(ADDITIONAL)), ownNames.values(), config);
    }

    private static List<AddedToken> tokens(@Nullable Object list) {
        return JsonValues.list(list).stream().map(AddedToken::of).toList();
    }

    /** Those with a name, those of Hugging Face's names first. */
    public Map<String, AddedToken> named() {
        return named;
    }

    /** All that are added to a vocabulary, in the order in which they get ids. */
    public AddedTokens addTo(TokenizerJson json) {
        AddedTokens added = new AddedTokens(json.vocabulary());
        if (!built.builds()) {
            json.added().forEach(added::add);
        }
        Set<String> special = named.values().stream().map(AddedToken::content).collect(Collectors.toSet());
        for (AddedToken token : new TreeMap<>(declared).values()) {
            if (!added.holds(token)) {
                added.add(special.contains(token.content()) ? token.asSpecial() : token);
            }
        }
        named.values().stream().filter(token -> !added.contains(token)).forEach(token -> added.add(token.asSpecial()));
        more.stream().filter(token -> !added.contains(token)).forEach(added::add);
        if (built.addsAgain()) {
            special.forEach(content -> added.add(AddedToken.special(content)));
            more.forEach(token -> added.add(AddedToken.special(token.content())));
        }
        return added;
    }
}
