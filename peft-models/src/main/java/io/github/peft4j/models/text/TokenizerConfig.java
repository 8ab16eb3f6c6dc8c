package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands beside {@code tokenizer.json}: {@code tokenizer_config.json}, and for folders of older versions
 * {@code special_tokens_map.json} and {@code added_tokens.json}.
 *
 * <p>{@code add_bos_token} and {@code add_eos_token} are not read: with a {@code tokenizer.json} transformers 5 drops them, and its
 * post-processor alone says what is put around a text ({@code tokenization_utils_base.py}, {@code _from_pretrained}).
 */
final class TokenizerConfig {

    /** The special tokens that have a name, in Hugging Face's order. */
    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private final Path file;
    private final ObjectNode config;
    private final @Nullable ObjectNode specialTokens;
    private final Map<Integer, AddedToken> declared = new TreeMap<>();
    private final boolean declaresAll;

    private TokenizerConfig(Path folder) throws CheckpointException {
        this.file = folder.resolve("tokenizer_config.json");
        this.config = JsonFile.read(file);
        this.declaresAll = config.get("added_tokens_decoder") != null;
        if (declaresAll) {
            this.specialTokens = null;
            declare(config.get("added_tokens_decoder"));
        } else {
            this.specialTokens = JsonFile.read(folder.resolve("special_tokens_map.json"));
            declareOld(JsonFile.read(folder.resolve("added_tokens.json")));
        }
        if (config.path("split_special_tokens").asBoolean(false)) {
            throw new CheckpointException(
                    file + ": split_special_tokens is not supported. Remove it, or set it to false");
        }
    }

    static TokenizerConfig read(Path folder) throws CheckpointException {
        return new TokenizerConfig(folder);
    }

    private void declare(JsonNode tokensById) throws CheckpointException {
        for (Map.Entry<String, JsonNode> entry : tokensById.properties()) {
            if (!entry.getKey().matches("\\d{1,9}") || !entry.getValue().isObject()) {
                throw new CheckpointException(file + ": added_tokens_decoder must map ids to objects, got "
                        + entry.getKey() + ": " + entry.getValue());
            }
            declared.put(Integer.valueOf(entry.getKey()), AddedToken.of(entry.getValue()));
        }
    }

    private void declareOld(ObjectNode idsByToken) {
        Map<String, AddedToken> named = named(Map.of());
        idsByToken.properties().forEach(entry -> {
            boolean special = named.containsValue(AddedToken.special(entry.getKey()));
            AddedToken token = new AddedToken(entry.getKey(), false, false, false, !special, special);
            declared.put(entry.getValue().asInt(), token);
        });
    }

    /** Tokens that are to be added, by id; they go in before those of {@link #named} and {@link #more}. */
    Map<Integer, AddedToken> declared() {
        return declared;
    }

    /** Whether {@link #declared} holds all of them, so that those of {@code tokenizer.json} do not count for classes built anew. */
    boolean declaresAll() {
        return declaresAll;
    }

    /**
     * The special tokens with a name, those of Hugging Face's names first.
     *
     * @param defaults those of the tokenizer's class
     */
    Map<String, AddedToken> named(Map<String, String> defaults) {
        Map<String, AddedToken> named = new LinkedHashMap<>();
        for (String name : NAMES) {
            JsonNode value = value(name);
            String otherwise = defaults.get(name);
            if (value != null && !value.isNull()) {
                named.put(name, known(AddedToken.of(value)).asSpecial());
            } else if (value == null && otherwise != null) {
                named.put(name, known(AddedToken.special(otherwise)).asSpecial());
            }
        }
        JsonNode extra = value("extra_special_tokens");
        if (extra instanceof ObjectNode object) {
            object.properties().forEach(entry -> named.put(entry.getKey(), AddedToken.of(entry.getValue())));
        }
        config.properties().forEach(entry -> {
            if (entry.getKey().endsWith("_token") && entry.getValue().isTextual() && !NAMES.contains(entry.getKey())) {
                named.put(entry.getKey(), AddedToken.of(entry.getValue()));
            }
        });
        return named;
    }

    private @Nullable JsonNode value(String key) {
        JsonNode old = specialTokens == null ? null : specialTokens.get(key);
        return old == null ? config.get(key) : old;
    }

    /** A token with the properties that its declaration gives it, if it has one. */
    private AddedToken known(AddedToken token) {
        return declared.values().stream()
                .filter(other -> other.content().equals(token.content()))
                .findFirst()
                .orElse(token);
    }

    /** Special tokens without a name. */
    List<AddedToken> more() {
        JsonNode extra = value("extra_special_tokens");
        JsonNode old = config.get("additional_special_tokens");
        List<AddedToken> more = new ArrayList<>();
        JsonNode list = extra == null || extra.isEmpty() ? old : extra;
        if (list != null && list.isArray()) {
            list.forEach(item -> more.add(AddedToken.of(item)));
        }
        return more;
    }

    @Nullable
    String className() throws CheckpointException {
        return JsonFile.text(config, "tokenizer_class", file);
    }

    /** A switch that may be missing. */
    @Nullable
    Boolean flag(String key) {
        JsonNode value = config.get(key);
        return value == null || value.isNull() ? null : Boolean.valueOf(value.asBoolean());
    }
}
