package io.github.peft4j.models.generate;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A checkpoint's {@code generation_config.json}, or what its {@code config.json} says about generation where it has none. */
final class GenerationConfigFile {

    private static final Logger LOG = LoggerFactory.getLogger(GenerationConfigFile.class);

    private static final String NAME = "generation_config.json";

    private static final Set<String> READ = Set.of(
            "max_new_tokens",
            "min_new_tokens",
            "do_sample",
            "temperature",
            "top_k",
            "top_p",
            "repetition_penalty",
            "eos_token_id",
            "bos_token_id");

    /** Keys of Hugging Face's that change what is generated, with the number that asks for nothing; null: any number asks. */
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry("num_beams", "1"),
            Map.entry("num_beam_groups", "1"),
            Map.entry("num_return_sequences", "1"),
            Map.entry("diversity_penalty", "0"),
            Map.entry("penalty_alpha", "0"),
            Map.entry("dola_layers", ""),
            Map.entry("constraints", ""),
            Map.entry("force_words_ids", ""),
            Map.entry("min_length", "0"),
            Map.entry("max_time", ""),
            Map.entry("stop_strings", ""),
            Map.entry("min_p", "0"),
            Map.entry("top_h", ""),
            Map.entry("typical_p", "1"),
            Map.entry("epsilon_cutoff", "0"),
            Map.entry("eta_cutoff", "0"),
            Map.entry("no_repeat_ngram_size", "0"),
            Map.entry("encoder_repetition_penalty", "1"),
            Map.entry("encoder_no_repeat_ngram_size", "0"),
            Map.entry("bad_words_ids", ""),
            Map.entry("forced_bos_token_id", ""),
            Map.entry("forced_eos_token_id", ""),
            Map.entry("suppress_tokens", ""),
            Map.entry("begin_suppress_tokens", ""),
            Map.entry("sequence_bias", ""),
            Map.entry("exponential_decay_length_penalty", ""),
            Map.entry("remove_invalid_values", ""),
            Map.entry("token_healing", ""),
            Map.entry("guidance_scale", "1"),
            Map.entry("watermarking_config", ""));

    /** Keys of Hugging Face's that change how it computes or what it returns, or that matter only beside an unsupported one. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "max_length",
            "pad_token_id",
            "decoder_start_token_id",
            "early_stopping",
            "length_penalty",
            "renormalize_logits",
            "use_cache",
            "cache_implementation",
            "cache_config",
            "max_cache_len",
            "prefill_chunk_size",
            "low_memory",
            "use_mtp",
            "is_assistant",
            "num_assistant_tokens",
            "num_assistant_tokens_schedule",
            "assistant_confidence_threshold",
            "assistant_early_exit",
            "assistant_lookbehind",
            "assistant_ensemble_weight",
            "target_lookbehind",
            "prompt_lookup_num_tokens",
            "max_matching_ngram_size",
            "speculation_type",
            "compile_config",
            "disable_compile",
            "continuous_batching_config",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "return_dict_in_generate",
            "transformers_version",
            "_from_model_config",
            "_commit_hash",
            "_name_or_path");

    private GenerationConfigFile() {}

    /**
     * Sets what a checkpoint says.
     *
     * @throws CheckpointException if the file is damaged or a value is of the wrong kind
     * @throws UnsupportedOperationException if a value asks for something that is not implemented
     */
    static void read(Path checkpoint, GenerationConfig.Builder builder) throws CheckpointException {
        ConfigJson own = ConfigJson.readIfPresent(checkpoint, NAME);
        ConfigJson json = own == null ? ConfigJson.read(checkpoint) : own;
        refuseUnsupported(json);
        if (own != null) {
            warnOfUnknown(own);
        }
        try {
            apply(json, builder);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void apply(ConfigJson json, GenerationConfig.Builder builder) {
        builder.maxNewTokens(json.integerOr(GenerationConfig.DEFAULT_MAX_NEW_TOKENS, "max_new_tokens"))
                .minNewTokens(json.countOr(0, "min_new_tokens"))
                .greedyByDefault(!json.flagOr(false, "do_sample"))
                .temperature(json.positiveOr(1, "temperature"))
                .topK(json.countOr(GenerationConfig.DEFAULT_TOP_K, "top_k"))
                .topP(json.positiveOr(1, "top_p"))
                .repetitionPenalty(json.positiveOr(1, "repetition_penalty"))
                .eosTokenIds(tokens(json, "eos_token_id"))
                .bosTokenId(tokens(json, "bos_token_id").stream().findFirst().orElse(GenerationConfig.NO_TOKEN));
    }

    /** Hugging Face lets numbers below 0 stand, and no token ever equals them. */
    private static List<Integer> tokens(ConfigJson json, String key) {
        return json.integers(key).stream().filter(id -> id >= 0).toList();
    }

    private static void refuseUnsupported(ConfigJson json) {
        UNSUPPORTED.forEach((key, neutral) -> {
            String value = json.json(key);
            if (!asksForNothing(value, neutral)) {
                throw new UnsupportedOperationException(json.source() + " sets " + key + " to " + value
                        + ", which is not implemented: remove it"
                        + (neutral.isEmpty() ? "" : " or set it to " + neutral));
            }
        });
    }

    private static boolean asksForNothing(String value, String neutral) {
        return Set.of("null", "false", "[]", "{}").contains(value) || equal(number(value), number(neutral));
    }

    private static boolean equal(@Nullable Double one, @Nullable Double other) {
        return one != null && one.equals(other);
    }

    private static @Nullable Double number(String text) {
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static void warnOfUnknown(ConfigJson json) {
        List<String> unknown = json.keys().stream()
                .filter(key -> json.has(key)
                        && !READ.contains(key)
                        && !UNSUPPORTED.containsKey(key)
                        && !WITHOUT_EFFECT.contains(key))
                .toList();
        if (!unknown.isEmpty()) {
            LOG.warn(
                    "{} has keys that Hugging Face's generate does not know and that have no effect: {}",
                    json.source(),
                    unknown);
        }
    }
}
