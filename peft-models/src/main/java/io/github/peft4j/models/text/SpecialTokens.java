package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.ArrayList;
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
final class SpecialTokens {

    /** The special tokens that have a name, in Hugging Face's order. */
    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private static final String EXTRA = "extra_special_tokens";
    private static final String ADDITIONAL = "additional_special_tokens";
    private static final String SPECIFIC = "model_specific_special_tokens";

    private final TokenizerConfig config;
    private final TokenizerClass built;
    private final ObjectNode settings;
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
    SpecialTokens(TokenizerConfig config, TokenizerJson json, TokenizerClass built) throws CheckpointException {
        this.config = config;
        this.built = built;
        this.settings = config.settings().deepCopy();
        this.declared = config.declared();
        this.ownNames = built.namedTokens();
        ownNames.keySet().removeIf(name -> settings.path(name).isNull());
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
        if (settings.has(ADDITIONAL) && settings.path(EXTRA).isEmpty()) {
            settings.set(EXTRA, settings.remove(ADDITIONAL));
        }
        ObjectNode specific = settings.objectNode();
        settings.properties().forEach(entry -> {
            if (isOwnName(entry.getKey()) && entry.getValue().isTextual()) {
                specific.set(entry.getKey(), entry.getValue());
            }
        });
        settings.remove(specific.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet()));
        if (settings.get(EXTRA) instanceof ObjectNode extra) {
            settings.remove(EXTRA);
            specific.setAll(extra);
        }
        if (!specific.isEmpty()) {
            settings.set(SPECIFIC, specific);
        }
    }

    private static boolean isOwnName(String key) {
        return key.endsWith("_token") && !NAMES.contains(key);
    }

    private void replaceByOldFiles() {
        for (Map.Entry<String, JsonNode> entry : config.oldSpecialTokens().properties()) {
            JsonNode value = entry.getValue();
            if (entry.getKey().equals(EXTRA) && value instanceof ArrayNode list) {
                ArrayNode both = settings.arrayNode();
                settings.path(EXTRA).forEach(both::add);
                list.forEach(both::add);
                value = both;
            } else if (value.isObject() && !entry.getKey().equals(EXTRA)) {
                value = ((ObjectNode) value.deepCopy()).put("special", true);
            }
            settings.set(entry.getKey(), value);
        }
        if (settings.get(EXTRA) instanceof ObjectNode extra) {
            settings.remove(EXTRA);
            settings.withObjectProperty(SPECIFIC).setAll(extra);
        }
    }

    private void declareOld() throws CheckpointException {
        Set<String> special = new HashSet<>();
        NAMES.forEach(name -> special.add(content(settings.path(name))));
        settings.path(EXTRA).forEach(token -> special.add(content(token)));
        for (Map.Entry<String, JsonNode> entry : config.oldAddedTokens().properties()) {
            JsonNode id = entry.getValue();
            if (!id.isInt() || id.intValue() < 0) {
                throw new CheckpointException(config.file().resolveSibling("added_tokens.json")
                        + " must map tokens to ids, got " + entry.getKey() + ": " + id);
            }
            boolean isSpecial = special.contains(entry.getKey());
            declared.put(id.intValue(), new AddedToken(entry.getKey(), false, false, false, !isSpecial, isSpecial));
        }
    }

    private static String content(JsonNode token) {
        return token.isTextual() ? token.textValue() : token.path("content").asText("");
    }

    private void name(@Nullable String padding) {
        Map<String, Optional<AddedToken>> defaults = built.defaultTokens();
        for (String name : NAMES) {
            JsonNode value = settings.get(name);
            Optional<AddedToken> token = Optional.empty();
            if (value != null && !value.isNull()) {
                token = Optional.of(value.isTextual() ? built.token(name, value.textValue()) : AddedToken.of(value));
            } else if (value == null && defaults.containsKey(name)) {
                token = defaults.get(name);
            } else if (value == null && name.equals("pad_token") && padding != null) {
                token = Optional.of(AddedToken.special(padding));
            }
            token.ifPresent(known -> named.put(name, known(known).asSpecial()));
        }
        ownNames.forEach((name, content) -> named.put(name, AddedToken.special(content)));
        settings.properties().forEach(entry -> {
            boolean token = entry.getValue().isTextual()
                    || entry.getValue().path("__type").asText().equals("AddedToken");
            if (isOwnName(entry.getKey()) && token) {
                named.put(entry.getKey(), AddedToken.of(entry.getValue()));
            }
        });
        settings.path(SPECIFIC)
                .properties()
                .forEach(entry -> named.put(entry.getKey(), AddedToken.of(entry.getValue())));
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
        if (settings.has(EXTRA)) {
            return tokens(settings.get(EXTRA));
        }
        return built.more(tokens(settings.path(ADDITIONAL)), ownNames.values(), config);
    }

    private static List<AddedToken> tokens(JsonNode list) {
        List<AddedToken> tokens = new ArrayList<>();
        if (list.isArray()) {
            list.forEach(item -> tokens.add(AddedToken.of(item)));
        }
        return tokens;
    }

    /** Those with a name, those of Hugging Face's names first. */
    Map<String, AddedToken> named() {
        return named;
    }

    /** All that are added to a vocabulary, in the order in which they get ids. */
    AddedTokens addTo(TokenizerJson json) {
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
