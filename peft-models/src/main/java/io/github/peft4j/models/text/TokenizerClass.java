package io.github.peft4j.models.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How transformers 5 builds a tokenizer. Most it takes as {@code tokenizer.json} describes them. Of a few classes it takes only
 * vocabulary, merges, post-processor and added tokens from the file and builds the rest anew; texts that begin with a blank, and text
 * after special tokens, then come out differently from what the file says.
 *
 * <p>Which class it is follows from {@code tokenizer_class} and {@code model_type} ({@code tokenization_auto.py}, 5.23). Classes that are
 * not here are taken as the file describes them.
 */
enum TokenizerClass {
    /** As the file describes it. */
    AS_WRITTEN,
    /** {@code LlamaTokenizer}: SentencePiece BPE with a Metaspace pre-tokenizer. */
    LLAMA,
    /** {@code GPT2Tokenizer}: byte-level BPE. */
    GPT2,
    /** {@code Qwen2Tokenizer}: byte-level BPE after NFC and a regular expression. */
    QWEN2;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String BYTE_LEVEL_DECODER =
            "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true}";

    private static final String QWEN2_WORDS =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /**
     * The class that transformers chooses.
     *
     * @param declared {@code tokenizer_class} of {@code tokenizer_config.json}, or else of {@code config.json}
     * @param modelType {@code model_type} of {@code config.json}
     * @param byteLevel whether {@code tokenizer.json} mentions ByteLevel
     */
    static TokenizerClass of(@Nullable String declared, @Nullable String modelType, boolean byteLevel) {
        TokenizerClass registered = registered(modelType);
        if (declared == null) {
            return registered == null ? AS_WRITTEN : registered;
        }
        TokenizerClass named = named(declared);
        if (named == LLAMA && byteLevel && registered != QWEN2) {
            return AS_WRITTEN;
        }
        // Published configs of qwen2 name wrong classes, so transformers does not believe them.
        return registered == AS_WRITTEN || registered == QWEN2 ? registered : named;
    }

    private static TokenizerClass named(String name) {
        return switch (name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name) {
            case "LlamaTokenizer" -> LLAMA;
            case "GPT2Tokenizer" -> GPT2;
            case "Qwen2Tokenizer" -> QWEN2;
            default -> AS_WRITTEN;
        };
    }

    private static @Nullable TokenizerClass registered(@Nullable String modelType) {
        return modelType == null
                ? null
                : switch (modelType) {
                    case "gpt2" -> GPT2;
                    case "qwen2" -> QWEN2;
                    case "mistral" -> AS_WRITTEN;
                    default -> null;
                };
    }

    /** Special tokens of which the config says nothing. */
    Map<String, String> defaultTokens() {
        String end = "<|endoftext|>";
        return switch (this) {
            case AS_WRITTEN -> Map.of();
            case LLAMA -> Map.of("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>");
            case GPT2 -> Map.of("unk_token", end, "bos_token", end, "eos_token", end);
            case QWEN2 -> Map.of("unk_token", end, "eos_token", end, "pad_token", end);
        };
    }

    /** The sections of {@code tokenizer.json} that are built anew. */
    Map<String, JsonNode> sections(TokenizerConfig config) {
        Map<String, JsonNode> sections = new HashMap<>();
        boolean prefix = prefix(config);
        switch (this) {
            case AS_WRITTEN -> {
                // nothing is
            }
            case LLAMA -> {
                String scheme = !prefix ? "never" : Boolean.TRUE.equals(config.flag("legacy")) ? "always" : "first";
                sections.put("normalizer", json("null"));
                sections.put(
                        "pre_tokenizer",
                        json("{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'" + scheme
                                + "','split':false}"));
                sections.put(
                        "decoder",
                        json(
                                "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'\u2581'},'content':' '},"
                                        + "{'type':'ByteFallback'},{'type':'Fuse'}"
                                        + (prefix ? ",{'type':'Strip','content':' ','start':1,'stop':0}]}" : "]}")));
            }
            case GPT2 -> {
                sections.put("normalizer", json("null"));
                sections.put("pre_tokenizer", byteLevel(prefix, true));
                sections.put("decoder", json(BYTE_LEVEL_DECODER));
            }
            case QWEN2 -> {
                sections.put("normalizer", json("{'type':'NFC'}"));
                sections.put("pre_tokenizer", qwen2Words(prefix));
                sections.put("decoder", json(BYTE_LEVEL_DECODER));
            }
        }
        return sections;
    }

    /** The settings of the BPE model that are built anew. */
    Map<String, JsonNode> modelSettings() {
        return switch (this) {
            case AS_WRITTEN -> Map.of();
            case LLAMA -> settings("null", true);
            case GPT2, QWEN2 -> settings("''", false);
        };
    }

    private static Map<String, JsonNode> settings(String affix, boolean fallback) {
        return Map.of(
                "dropout", json("null"),
                "unk_token", json("null"),
                "continuing_subword_prefix", json(affix),
                "end_of_word_suffix", json(affix),
                "fuse_unk", json("" + fallback),
                "byte_fallback", json("" + fallback),
                "ignore_merges", json("false"));
    }

    private boolean prefix(TokenizerConfig config) {
        Boolean given = config.flag("add_prefix_space");
        return given == null ? this == LLAMA : given;
    }

    private static JsonNode byteLevel(boolean prefix, boolean regex) {
        return json(
                "{'type':'ByteLevel','add_prefix_space':" + prefix + ",'trim_offsets':true,'use_regex':" + regex + "}");
    }

    private static JsonNode qwen2Words(boolean prefix) {
        var split = JSON.createObjectNode()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false);
        split.set("pattern", JSON.createObjectNode().put("Regex", QWEN2_WORDS));
        var sequence = JSON.createObjectNode().put("type", "Sequence");
        sequence.set("pretokenizers", JSON.createArrayNode().add(split).add(byteLevel(prefix, false)));
        return sequence;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
