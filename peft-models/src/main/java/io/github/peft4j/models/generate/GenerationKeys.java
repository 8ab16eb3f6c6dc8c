package io.github.peft4j.models.generate;

import io.github.peft4j.models.ConfigJson;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of {@code generation_config.json}: those that are read, those that must ask for nothing, those without effect here. */
final class GenerationKeys {

    private static final Logger LOG = LoggerFactory.getLogger(GenerationKeys.class);

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

    /** When a key changes what is generated. */
    private enum When {
        ALWAYS,
        DRAWING,
        GREEDY
    }

    /**
     * A key that changes what is generated and is not implemented.
     *
     * @param nothing numbers that ask for nothing; null if every number asks for something
     * @param remedy what to set it to instead of removing it; empty if there is nothing
     */
    private record Unsupported(When when, @Nullable DoublePredicate nothing, String remedy) {

        static Unsupported always() {
            return new Unsupported(When.ALWAYS, null, "");
        }

        static Unsupported unless(double neutral) {
            return new Unsupported(When.ALWAYS, value -> value == neutral, shown(neutral));
        }

        static Unsupported above(double limit) {
            return new Unsupported(When.ALWAYS, value -> value <= limit, shown(limit));
        }

        static Unsupported between(double least, double most, double remedy) {
            return new Unsupported(When.DRAWING, value -> value <= least || value >= most, shown(remedy));
        }

        private static String shown(double whole) {
            return String.valueOf((long) whole);
        }

        boolean matters(boolean greedy) {
            return when == When.ALWAYS || (when == When.GREEDY) == greedy;
        }
    }

    private static final Map<String, Unsupported> UNSUPPORTED = new TreeMap<>(Map.ofEntries(
            Map.entry("num_beams", Unsupported.unless(1)),
            Map.entry("num_return_sequences", Unsupported.above(1)),
            Map.entry("penalty_alpha", new Unsupported(When.GREEDY, value -> value <= 0, "0")),
            Map.entry("dola_layers", Unsupported.always()),
            Map.entry("constraints", Unsupported.always()),
            Map.entry("force_words_ids", Unsupported.always()),
            Map.entry("min_length", Unsupported.above(0)),
            Map.entry("max_time", Unsupported.always()),
            Map.entry("stop_strings", Unsupported.always()),
            Map.entry("min_p", Unsupported.between(0, Double.POSITIVE_INFINITY, 0)),
            Map.entry("top_h", new Unsupported(When.DRAWING, null, "")),
            Map.entry("typical_p", Unsupported.between(Double.NEGATIVE_INFINITY, 1, 1)),
            Map.entry("epsilon_cutoff", Unsupported.between(0, 1, 0)),
            Map.entry("eta_cutoff", Unsupported.between(0, 1, 0)),
            Map.entry("no_repeat_ngram_size", Unsupported.above(0)),
            Map.entry("encoder_repetition_penalty", Unsupported.unless(1)),
            Map.entry("encoder_no_repeat_ngram_size", Unsupported.above(0)),
            Map.entry("bad_words_ids", Unsupported.always()),
            Map.entry("forced_bos_token_id", Unsupported.always()),
            Map.entry("forced_eos_token_id", Unsupported.always()),
            Map.entry("suppress_tokens", Unsupported.always()),
            Map.entry("begin_suppress_tokens", Unsupported.always()),
            Map.entry("sequence_bias", Unsupported.always()),
            Map.entry("exponential_decay_length_penalty", Unsupported.always()),
            Map.entry("remove_invalid_values", Unsupported.always()),
            Map.entry("token_healing", Unsupported.always()),
            Map.entry("guidance_scale", Unsupported.unless(1)),
            Map.entry("watermarking_config", Unsupported.always())));

    /** Keys of Hugging Face's that change how it computes or what it returns, or that matter only beside an unsupported one. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "max_length",
            "pad_token_id",
            "decoder_start_token_id",
            "early_stopping",
            "length_penalty",
            "num_beam_groups",
            "diversity_penalty",
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

    private GenerationKeys() {}

    /**
     * Refuses what changes the tokens that are generated and is not implemented.
     *
     * @param greedy whether the likeliest tokens are taken
     * @param set keys that the caller sets, which prevails
     * @throws UnsupportedOperationException naming the key
     */
    static void refuseUnsupported(ConfigJson json, boolean greedy, List<String> set) {
        UNSUPPORTED.forEach((key, unsupported) -> {
            // Hugging Face lets the number of new tokens prevail over that of all.
            boolean overridden = set.contains(key)
                    || (key.equals("min_length") && (json.has("min_new_tokens") || set.contains("min_new_tokens")));
            if (!overridden && unsupported.matters(greedy) && !asksForNothing(json, key, unsupported)) {
                throw new UnsupportedOperationException(json.source() + " sets " + key + " to " + json.json(key)
                        + ", which is not implemented: remove it"
                        + (unsupported.remedy().isEmpty() ? "" : " or set it to " + unsupported.remedy()));
            }
        });
    }

    private static boolean asksForNothing(ConfigJson json, String key, Unsupported unsupported) {
        if (Set.of("null", "false", "[]", "{}").contains(json.json(key))) {
            return true;
        }
        DoublePredicate nothing = unsupported.nothing();
        return nothing != null && json.isNumber(key) && nothing.test(json.decimalOr(0, key));
    }

    /** Says which keys Hugging Face's generate does not know either. */
    static void warnOfUnknown(ConfigJson json) {
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
