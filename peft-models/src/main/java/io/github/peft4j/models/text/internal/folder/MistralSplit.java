package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.internal.json.JsonValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in which some published Mistral tokenizers divide texts into words is wrong in their files; transformers puts it right where the
 * config asks for it by {@code fix_mistral_regex}, and warns otherwise ({@code _patch_mistral_regex} of {@code tokenization_utils_tokenizers.py}, 5.23).
 *
 * @param concerned whether a tokenizer is one of those
 * @param asked whether the config asks for the right words
 */
public record MistralSplit(boolean concerned, boolean asked) {

    private static final Logger LOG = LoggerFactory.getLogger(MistralSplit.class);

    private static final Set<String> TYPES = Set.of("mistral", "mistral3", "voxtral", "ministral", "pixtral");
    private static final int SMALLEST = 100_000;

    private static final String WORDS =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /**
     * What transformers does for a checkpoint.
     *
     * @param model {@code config.json}
     * @param config the tokenizer's config
     * @param size how many tokens there are
     */
    public static MistralSplit of(FolderJson model, TokenizerConfig config, int size) {
        String version = JsonValues.text(model.get("transformers_version"));
        boolean old = version.isEmpty() || version.matches("[0-4](\\D.*)?");
        boolean type = !(model.get("model_type") instanceof String name) || TYPES.contains(name);
        boolean concerned = size > SMALLEST && old && type && !model.values().isEmpty();
        return new MistralSplit(concerned, Boolean.TRUE.equals(config.flag("fix_mistral_regex")));
    }

    /** Puts the right words in, if they are asked for. */
    public void applyTo(Map<String, @Nullable Object> sections, Path folder) {
        Object old = sections.get("pre_tokenizer");
        if (!concerned || old == null) {
            return;
        } else if (!asked) {
            LOG.warn(
                    "The tokenizer in {} may divide texts into wrong words, as published Mistral tokenizers do; transformers divides them rightly if"
                            + " tokenizer_config.json has \"fix_mistral_regex\": true",
                    folder);
            return;
        }
        List<@Nullable Object> parts = new ArrayList<>();
        parts.add(Map.of("type", "Split", "pattern", Map.of("Regex", WORDS), "behavior", "Isolated", "invert", false));
        String type = JsonValues.text(JsonValues.at(old, "type"));
        if (type.equals("Sequence") && JsonValues.at(old, "pretokenizers") instanceof List<?> list) {
            parts.addAll(list.subList(Math.min(1, list.size()), list.size()));
        } else if (type.equals("Metaspace")) {
            parts.add(Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", false));
        } else {
            parts.add(old);
        }
        sections.put("pre_tokenizer", Map.of("type", "Sequence", "pretokenizers", parts));
    }
}
