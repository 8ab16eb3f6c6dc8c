package io.github.peft4j.models.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts a tokenizer together from the files of a checkpoint folder, in the order in which transformers 5 does. */
final class TokenizerFolder {

    /** Files that other tokenizers consist of, and that Python can convert. */
    private static final List<String> OTHER_FILES = List.of(
            "tokenizer.model",
            "spiece.model",
            "tekken.json",
            "tiktoken.model",
            "vocab.json",
            "vocab.txt",
            "merges.txt");

    private TokenizerFolder() {}

    static Tokenizer open(Path folder) throws CheckpointException {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw missing(folder);
        }
        TokenizerConfig config = TokenizerConfig.read(folder);
        TokenizerJson json = TokenizerJson.read(file);
        TokenizerClass built = built(folder, config, json);
        Map<String, String> defaults = new HashMap<>(built.defaultTokens());
        if (json.paddingToken() != null) {
            defaults.putIfAbsent("pad_token", json.paddingToken());
        }
        Map<String, AddedToken> named = config.named(defaults);
        AddedTokens added = added(json, config, built, named);
        Map<String, String> texts = new LinkedHashMap<>();
        named.forEach((name, token) -> texts.put(name, token.content()));
        boolean cleansUp = Boolean.TRUE.equals(config.flag("clean_up_tokenization_spaces"))
                && (!json.modelType().equals("BPE")
                        || Boolean.TRUE.equals(config.flag(
                                "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")));
        return new Tokenizer(open(file, json, config, built, added), texts, added, cleansUp);
    }

    private static CheckpointException missing(Path folder) {
        List<String> others = OTHER_FILES.stream()
                .filter(name -> Files.exists(folder.resolve(name)))
                .toList();
        return new CheckpointException("no tokenizer.json in " + folder
                + (others.isEmpty()
                        ? ": expected a checkpoint folder as Hugging Face's save_pretrained writes it"
                        : ", only " + String.join(", ", others)
                                + ". Convert it once with Python: from transformers import"
                                + " AutoTokenizer; AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)")
                + ". Rows of token ids (input_ids, labels) need no tokenizer.");
    }

    private static TokenizerClass built(Path folder, TokenizerConfig config, TokenizerJson json)
            throws CheckpointException {
        Path file = folder.resolve("config.json");
        ObjectNode model = JsonFile.read(file);
        String declared = config.className();
        TokenizerClass chosen = TokenizerClass.of(
                declared == null ? JsonFile.text(model, "tokenizer_class", file) : declared,
                JsonFile.text(model, "model_type", file),
                json.mentionsByteLevel());
        return json.modelType().equals("BPE") ? chosen : TokenizerClass.AS_WRITTEN;
    }

    private static AddedTokens added(
            TokenizerJson json, TokenizerConfig config, TokenizerClass built, Map<String, AddedToken> named) {
        AddedTokens added = new AddedTokens(json.vocabulary());
        if (built == TokenizerClass.AS_WRITTEN) {
            json.added().forEach(added::add);
        }
        config.declared().values().forEach(added::add);
        if (!config.declaresAll()) {
            json.added().forEach(added::add);
        }
        named.values().stream().filter(token -> !added.contains(token)).forEach(added::add);
        config.more().stream().filter(token -> !added.contains(token)).forEach(added::add);
        return added;
    }

    private static HuggingFaceTokenizer open(
            Path file, TokenizerJson json, TokenizerConfig config, TokenizerClass built, AddedTokens added)
            throws CheckpointException {
        boolean asWritten =
                built == TokenizerClass.AS_WRITTEN && added.history().equals(json.added());
        try {
            byte[] bytes = asWritten ? json.bytes() : json.with(built.sections(config), built.modelSettings(), added);
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(bytes), Map.of("truncation", "false", "padding", "false"));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    file + " is no tokenizer that this version can read: " + e.getMessage()
                            + ". Write it again with transformers' save_pretrained",
                    e);
        }
    }
}
