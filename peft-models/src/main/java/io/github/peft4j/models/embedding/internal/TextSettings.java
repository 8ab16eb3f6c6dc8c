package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How texts become token ids.
 *
 * @param maxLength tokens that a row has at most, those around the text included; {@link #UNLIMITED} for any number
 * @param lowerCase whether texts are lower-cased first
 * @param cutsStart whether what is cut off is the beginning
 * @param prompts texts that may be put before others, by name
 * @param defaultPrompt the name of the one that is used unless another is asked for, or null
 * @param similarity what vectors are meant to be compared by, as the folder names it, or null
 */
public record TextSettings(
        int maxLength,
        boolean lowerCase,
        boolean cutsStart,
        Map<String, String> prompts,
        @Nullable String defaultPrompt,
        @Nullable String similarity) {

    /** No limit to the length of rows. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** The file of prompts. */
    static final String MODEL_FILE = "config_sentence_transformers.json";

    /** The names that the file of the transformer's settings has had. */
    private static final List<String> FILES = List.of(
            "sentence_bert_config.json",
            "sentence_roberta_config.json",
            "sentence_distilbert_config.json",
            "sentence_camembert_config.json",
            "sentence_albert_config.json",
            "sentence_xlm-roberta_config.json",
            "sentence_xlnet_config.json");

    private static final Set<String> MODEL_KEYS =
            Set.of("__version__", "model_type", "prompts", "default_prompt_name", "similarity_fn_name");

    /** Settings that must not be there, or be empty: they change what is computed. */
    private static final List<String> ARGUMENTS = List.of(
            "model_args",
            "model_kwargs",
            "tokenizer_args",
            "processor_kwargs",
            "config_args",
            "config_kwargs",
            "processing_kwargs",
            "query_length",
            "document_length",
            "query_expansion");

    private static final Set<String> KEYS = Set.of(
            "max_seq_length",
            "do_lower_case",
            "transformer_task",
            "modality_config",
            "module_output_name",
            "unpad_inputs");

    /** What a folder of sentence-transformers says of the length of rows and their letters. */
    private record Rows(@Nullable Integer maxLength, boolean lowerCase) {}

    /** Copies the prompts. */
    public TextSettings {
        prompts = Map.copyOf(prompts);
    }

    /**
     * Reads a folder's settings.
     *
     * @param folder of sentence-transformers, or null for a plain checkpoint
     * @param transformer where the transformer and its tokenizer lie
     * @param positions the most tokens that the model is for
     */
    static TextSettings read(@Nullable Path folder, @Nullable Path transformer, int positions)
            throws CheckpointException {
        @Nullable
        ConfigJson tokens = transformer == null ? null : ConfigJson.readIfPresent(transformer, "tokenizer_config.json");
        ConfigJson tokenizer = tokens == null ? ConfigJson.empty() : tokens;
        Rows rows = folder == null || transformer == null ? new Rows(null, false) : rows(transformer);
        boolean cutsStart;
        try {
            cutsStart = tokenizer.textOr("right", "truncation_side").equals("left");
            int ofTokenizer = tokenizer.exceeds("model_max_length", UNLIMITED)
                    ? UNLIMITED
                    : tokenizer.integerOr(UNLIMITED, "model_max_length");
            int most = rows.maxLength() == null
                    ? Math.min(ofTokenizer, positions <= 0 ? UNLIMITED : positions)
                    : rows.maxLength();
            return folder == null
                    ? new TextSettings(most, false, cutsStart, Map.of(), null, null)
                    : ModuleConfig.read(
                            folder, MODEL_FILE, MODEL_KEYS, json -> ofModel(json, most, rows.lowerCase(), cutsStart));
        } catch (IllegalArgumentException e) {
            throw tokenizer.refused(e);
        }
    }

    private static Rows rows(Path transformer) throws CheckpointException {
        for (String name : FILES) {
            if (Files.exists(transformer.resolve(name))) {
                Set<String> keys = new java.util.HashSet<>(KEYS);
                keys.addAll(ARGUMENTS);
                return ModuleConfig.read(transformer, name, keys, TextSettings::rows);
            }
        }
        return new Rows(null, false);
    }

    private static Rows rows(ConfigJson json) {
        for (String key : ARGUMENTS) {
            @Nullable ConfigJson arguments = json.has(key) && json.json(key).startsWith("{") ? json.object(key) : null;
            if (json.has(key) && (arguments == null || !arguments.isEmpty())) {
                throw new IllegalArgumentException(
                        key + " is not implemented, got " + json.json(key) + "; only checkpoints without it load");
            }
        }
        ModuleConfig.requireText(json, "transformer_task", "feature-extraction");
        ModuleConfig.requireText(json, "module_output_name", "token_embeddings");
        @Nullable ConfigJson modalities = json.object("modality_config");
        if (modalities != null) {
            @Nullable ConfigJson text = modalities.object("text");
            if (text == null) {
                throw new IllegalArgumentException(
                        "modality_config has no text, but " + modalities.keys() + ": only texts are embedded");
            }
            ModuleConfig.requireText(text, "method", "forward");
            ModuleConfig.requireText(text, "method_output_name", "last_hidden_state");
        }
        return new Rows(
                json.has("max_seq_length") ? json.integer("max_seq_length") : null,
                json.flagOr(false, "do_lower_case"));
    }

    private static TextSettings ofModel(ConfigJson json, int maxLength, boolean lowerCase, boolean cutsStart) {
        ModuleConfig.requireText(json, "model_type", "SentenceTransformer");
        Map<String, String> prompts = new LinkedHashMap<>();
        @Nullable ConfigJson told = json.object("prompts");
        if (told != null) {
            told.keys().forEach(name -> prompts.put(name, told.textOr("", name)));
        }
        @Nullable String usual = json.textOrNull("default_prompt_name");
        if (usual != null && !prompts.containsKey(usual)) {
            throw new IllegalArgumentException(
                    "default_prompt_name is \"" + usual + "\", which is none of the prompts " + prompts.keySet());
        }
        return new TextSettings(maxLength, lowerCase, cutsStart, prompts, usual, json.textOrNull("similarity_fn_name"));
    }
}
