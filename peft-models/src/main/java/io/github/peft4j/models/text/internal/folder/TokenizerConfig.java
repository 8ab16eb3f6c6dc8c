package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
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
public final class TokenizerConfig {

    private final FolderJson config;
    private final Map<String, @Nullable Object> oldSpecialTokens;
    private final Map<String, @Nullable Object> oldAddedTokens;

    private TokenizerConfig(Path folder) throws CheckpointException {
        this.config = FolderJson.read(folder, "tokenizer_config.json");
        boolean old = !declaresAll();
        this.oldSpecialTokens =
                old ? FolderJson.read(folder, "special_tokens_map.json").values() : Map.of();
        this.oldAddedTokens = old ? FolderJson.read(folder, "added_tokens.json").values() : Map.of();
        if (Boolean.TRUE.equals(flag("split_special_tokens"))) {
            throw new CheckpointException(
                    file() + ": split_special_tokens is not supported. Remove it, or set it to false");
        }
    }

    public static TokenizerConfig read(Path folder) throws CheckpointException {
        return new TokenizerConfig(folder);
    }

    public Path file() {
        return config.file();
    }

    /** Whether {@link #declared} holds all added tokens, so that those of older files do not count. */
    boolean declaresAll() {
        return has("added_tokens_decoder");
    }

    /** The tokens of {@code added_tokens_decoder} by id. */
    Map<Integer, AddedToken> declared() throws CheckpointException {
        Map<Integer, AddedToken> declared = new TreeMap<>();
        for (Map.Entry<String, @Nullable Object> entry :
                JsonValues.object(config.get("added_tokens_decoder")).entrySet()) {
            if (!entry.getKey().matches("\\d{1,9}") || !(entry.getValue() instanceof Map)) {
                throw new CheckpointException(file() + ": added_tokens_decoder must map ids to objects, got "
                        + JsonWriter.shown(entry.getKey()) + ": " + JsonWriter.shown(entry.getValue()));
            }
            declared.put(Integer.valueOf(entry.getKey()), AddedToken.of(entry.getValue()));
        }
        return declared;
    }

    /** All settings. */
    Map<String, @Nullable Object> settings() {
        return config.values();
    }

    /** Those of {@code special_tokens_map.json}, if it counts. */
    Map<String, @Nullable Object> oldSpecialTokens() {
        return oldSpecialTokens;
    }

    /** Ids by token of {@code added_tokens.json}, if it counts. */
    Map<String, @Nullable Object> oldAddedTokens() {
        return oldAddedTokens;
    }

    public @Nullable String className() throws CheckpointException {
        return config.text("tokenizer_class");
    }

    /** Whether a setting is there, if only as null. */
    boolean has(String key) {
        return config.has(key);
    }

    /** A switch that may be missing. */
    public @Nullable Boolean flag(String key) {
        Object value = config.get(key);
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        } else if (value instanceof String text) {
            return text.trim().equals("true");
        }
        return value == null ? null : Boolean.TRUE.equals(value);
    }

    /**
     * A whole number that may be missing.
     *
     * @throws CheckpointException if it is another value, negative or above {@code most}
     */
    int number(String key, int otherwise, int most) throws CheckpointException {
        Object value = config.get(key);
        if (value == null) {
            return otherwise;
        } else if (value instanceof Integer number && number >= 0 && number <= most) {
            return number;
        }
        throw new CheckpointException(file() + ": " + key + " must be a whole number from 0 to " + most + ", got "
                + JsonKind.described(value));
    }

    String text(String key, String otherwise) {
        Object value = config.get(key);
        if (value == null || value instanceof String) {
            return value == null ? otherwise : (String) value;
        }
        return value instanceof Number || value instanceof Boolean ? JsonWriter.shown(value) : "";
    }
}
