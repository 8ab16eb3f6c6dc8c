package io.github.peft4j.models.generate;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoublePredicate;

/**
 * A checkpoint's {@code generation_config.json}, or what its {@code config.json} says about generation where it has none. Values are looked
 * at when they are asked for: many files hold some that are of no use for the way of generating that the file itself asks for, such
 * as a temperature of 0 beside {@code do_sample: false}, and Hugging Face leaves those alone, too.
 *
 * @see <a href="https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/generation/utils.py">_get_logits_processor</a>
 */
final class GenerationConfigFile {

    private static final String NAME = "generation_config.json";

    private final ConfigJson json;

    private GenerationConfigFile(ConfigJson json) {
        this.json = json;
    }

    /**
     * Reads a checkpoint's file.
     *
     * @throws CheckpointException if it is damaged
     */
    static GenerationConfigFile read(Path checkpoint) throws CheckpointException {
        ConfigJson own = ConfigJson.readIfPresent(checkpoint, NAME);
        if (own != null) {
            GenerationKeys.warnOfUnknown(own);
        }
        return new GenerationConfigFile(own == null ? ConfigJson.read(checkpoint) : own);
    }

    /** A file that says nothing. */
    static GenerationConfigFile empty() {
        return new GenerationConfigFile(ConfigJson.empty());
    }

    /**
     * Refuses what changes the tokens that are generated and is not implemented.
     *
     * @param greedy whether the likeliest tokens are taken
     * @param set keys that the caller sets
     * @throws UnsupportedOperationException if the file asks for it
     */
    void refuseUnsupported(boolean greedy, List<String> set) {
        GenerationKeys.refuseUnsupported(json, greedy, set);
    }

    boolean greedy() {
        return !json.flagOr(false, "do_sample");
    }

    int maxNewTokens() {
        return json.integerOr(GenerationConfig.DEFAULT_MAX_NEW_TOKENS, "max_new_tokens");
    }

    /** Numbers below 0 ask for nothing. */
    int minNewTokens() {
        Integer tokens = json.numberOrNull("min_new_tokens");
        return tokens == null ? 0 : Math.max(0, tokens);
    }

    double temperature() {
        return number(
                "temperature",
                value -> value > 0 && !Double.isInfinite(value),
                "above 0 where tokens are drawn (for the likeliest token each time, ask for greedy)");
    }

    int topK() {
        Integer tokens = json.numberOrNull("top_k");
        if (tokens != null && tokens < 0) {
            throw bad("top_k", "at least 0 where tokens are drawn (0: all tokens)");
        }
        return tokens == null ? GenerationConfig.DEFAULT_TOP_K : tokens;
    }

    /** Numbers above 1 ask for nothing. */
    double topP() {
        return Math.min(1, number("top_p", value -> value >= 0, "at least 0 where tokens are drawn (1: all tokens)"));
    }

    double repetitionPenalty() {
        return number("repetition_penalty", value -> value > 0 && !Double.isInfinite(value), "above 0 (1: none)");
    }

    /** Hugging Face lets numbers below 0 stand, and no token ever equals them. */
    private List<Integer> tokens(String key) {
        return json.integers(key).stream().filter(id -> id >= 0).toList();
    }

    List<Integer> eosTokenIds() {
        return tokens("eos_token_id");
    }

    int bosTokenId() {
        return tokens("bos_token_id").stream().findFirst().orElse(GenerationConfig.NO_TOKEN);
    }

    private double number(String key, DoublePredicate holds, String range) {
        double value = json.decimalOr(1, key);
        if (!holds.test(value)) {
            throw bad(key, range);
        }
        return value;
    }

    private IllegalArgumentException bad(String key, String range) {
        return new IllegalArgumentException(
                json.source() + ": " + key + " must be " + range + ", got " + json.json(key));
    }
}
