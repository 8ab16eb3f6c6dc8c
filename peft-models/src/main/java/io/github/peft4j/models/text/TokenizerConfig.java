package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
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

    private final Path file;
    private final ObjectNode config;
    private final ObjectNode oldSpecialTokens;
    private final ObjectNode oldAddedTokens;

    private TokenizerConfig(Path folder) throws CheckpointException {
        this.file = folder.resolve("tokenizer_config.json");
        this.config = JsonFile.read(file);
        boolean old = !declaresAll();
        this.oldSpecialTokens = old ? JsonFile.read(folder.resolve("special_tokens_map.json")) : config.objectNode();
        this.oldAddedTokens = old ? JsonFile.read(folder.resolve("added_tokens.json")) : config.objectNode();
        if (config.path("split_special_tokens").asBoolean(false)) {
            throw new CheckpointException(
                    file + ": split_special_tokens is not supported. Remove it, or set it to false");
        }
    }

    static TokenizerConfig read(Path folder) throws CheckpointException {
        return new TokenizerConfig(folder);
    }

    Path file() {
        return file;
    }

    /** Whether {@link #declared} holds all added tokens, so that those of older files do not count. */
    boolean declaresAll() {
        return config.has("added_tokens_decoder");
    }

    /** The tokens of {@code added_tokens_decoder} by id. */
    Map<Integer, AddedToken> declared() throws CheckpointException {
        Map<Integer, AddedToken> declared = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                config.path("added_tokens_decoder").properties()) {
            if (!entry.getKey().matches("\\d{1,9}") || !entry.getValue().isObject()) {
                throw new CheckpointException(file + ": added_tokens_decoder must map ids to objects, got "
                        + entry.getKey() + ": " + entry.getValue());
            }
            declared.put(Integer.valueOf(entry.getKey()), AddedToken.of(entry.getValue()));
        }
        return declared;
    }

    /** All settings. */
    ObjectNode settings() {
        return config;
    }

    /** Those of {@code special_tokens_map.json}, if it counts. */
    ObjectNode oldSpecialTokens() {
        return oldSpecialTokens;
    }

    /** Ids by token of {@code added_tokens.json}, if it counts. */
    ObjectNode oldAddedTokens() {
        return oldAddedTokens;
    }

    @Nullable
    String className() throws CheckpointException {
        return JsonFile.text(config, "tokenizer_class", file);
    }

    /** Whether a setting is there, if only as null. */
    boolean has(String key) {
        return config.has(key);
    }

    /** A switch that may be missing. */
    @Nullable
    Boolean flag(String key) {
        JsonNode value = config.get(key);
        return value == null || value.isNull() ? null : Boolean.valueOf(value.asBoolean());
    }

    /**
     * A whole number that may be missing.
     *
     * @throws CheckpointException if it is another value, negative or above {@code most}
     */
    int number(String key, int otherwise, int most) throws CheckpointException {
        JsonNode value = config.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        } else if (!value.isInt() || value.intValue() < 0 || value.intValue() > most) {
            throw new CheckpointException(
                    file + ": " + key + " must be a whole number from 0 to " + most + ", got " + value);
        }
        return value.intValue();
    }

    String text(String key, String otherwise) {
        return config.path(key).asText(otherwise);
    }
}
