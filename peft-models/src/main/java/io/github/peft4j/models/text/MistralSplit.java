package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in which some published Mistral tokenizers divide texts into words is wrong in their files; transformers puts it right where the
 * config asks for it by {@code fix_mistral_regex}, and warns otherwise ({@code _patch_mistral_regex} of {@code tokenization_utils_tokenizers.py}, 5.23).
 *
 * @param concerned whether a tokenizer is one of those
 * @param asked whether the config asks for the right words
 */
record MistralSplit(boolean concerned, boolean asked) {

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
    static MistralSplit of(ObjectNode model, TokenizerConfig config, int size) {
        String version = model.path("transformers_version").asText("");
        boolean old = version.isEmpty() || version.matches("[0-4](\\D.*)?");
        boolean type = !model.path("model_type").isTextual()
                || TYPES.contains(model.get("model_type").textValue());
        boolean concerned = size > SMALLEST && old && type && !model.isEmpty();
        return new MistralSplit(concerned, Boolean.TRUE.equals(config.flag("fix_mistral_regex")));
    }

    /** Puts the right words in, if they are asked for. */
    void applyTo(Map<String, JsonNode> sections, Path folder) {
        JsonNode old = sections.get("pre_tokenizer");
        if (!concerned || old == null || old.isNull()) {
            return;
        } else if (!asked) {
            LOG.warn(
                    "The tokenizer in {} may divide texts into wrong words, as published Mistral tokenizers do; transformers divides them rightly if"
                            + " tokenizer_config.json has \"fix_mistral_regex\": true",
                    folder);
            return;
        }
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode split = json.objectNode()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false);
        split.putObject("pattern").put("Regex", WORDS);
        String type = old.path("type").asText();
        ObjectNode sequence = json.objectNode().put("type", "Sequence");
        ArrayNode parts = sequence.putArray("pretokenizers").add(split);
        if (type.equals("Sequence") && old.path("pretokenizers") instanceof ArrayNode list) {
            for (int i = 1; i < list.size(); i++) {
                parts.add(list.get(i));
            }
        } else if (type.equals("Metaspace")) {
            parts.addObject()
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", false)
                    .put("trim_offsets", true)
                    .put("use_regex", false);
        } else {
            parts.add(old);
        }
        sections.put("pre_tokenizer", sequence);
    }
}
