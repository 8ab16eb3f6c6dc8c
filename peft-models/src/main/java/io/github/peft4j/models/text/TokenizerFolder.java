package io.github.peft4j.models.text;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.text.internal.folder.AddedTokens;
import io.github.peft4j.models.text.internal.folder.ClassTemplate;
import io.github.peft4j.models.text.internal.folder.FolderTokens;
import io.github.peft4j.models.text.internal.folder.MistralSplit;
import io.github.peft4j.models.text.internal.folder.SpecialTokens;
import io.github.peft4j.models.text.internal.folder.TokenizerClass;
import io.github.peft4j.models.text.internal.folder.TokenizerConfig;
import io.github.peft4j.models.text.internal.folder.TokenizerJson;
import java.nio.file.Files;
import java.nio.file.Path;
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
        if (!Files.exists(UntrustedFolder.file(folder, FolderTokens.FILE))) {
            throw missing(folder);
        }
        FolderTokens tokens = FolderTokens.read(folder);
        TokenizerConfig config = tokens.config();
        TokenizerJson json = tokens.json();
        TokenizerClass built = tokens.built();
        SpecialTokens special = tokens.special();
        AddedTokens added = tokens.added();
        Map<String, String> texts = new LinkedHashMap<>();
        special.named().forEach((name, token) -> texts.put(name, token.content()));
        BuiltTokenizer parts =
                new BuiltTokenizer(json, built, new ClassTemplate(built, config, json, special.named(), added));
        boolean cleansUp = Boolean.TRUE.equals(config.flag("clean_up_tokenization_spaces"))
                && (!parts.modelType().equals("BPE")
                        || Boolean.TRUE.equals(config.flag(
                                "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")));
        MistralSplit.of(tokens.model(), config, added.size()).applyTo(parts.sections(), folder);
        return new Tokenizer(parts.open(added), texts, added, cleansUp, built.tellsTexts(config));
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
}
