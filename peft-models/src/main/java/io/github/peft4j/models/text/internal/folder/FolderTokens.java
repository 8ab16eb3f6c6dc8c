package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import java.nio.file.Path;

/**
 * What the files of a checkpoint folder say of its tokens, in the order in which transformers 5 reads them.
 *
 * @param config what stands beside {@code tokenizer.json}
 * @param json {@code tokenizer.json}
 * @param model {@code config.json}, which may be missing
 * @param built the class that is made of them
 * @param special tokens with a name
 * @param added all tokens on top of the vocabulary
 */
public record FolderTokens(
        TokenizerConfig config,
        TokenizerJson json,
        FolderJson model,
        TokenizerClass built,
        SpecialTokens special,
        AddedTokens added) {

    /** The file that a folder must have. */
    public static final String FILE = "tokenizer.json";

    /**
     * Reads the files of a folder.
     *
     * @throws CheckpointException if one is damaged, or a link that leads out of it
     */
    public static FolderTokens read(Path folder) throws CheckpointException {
        TokenizerConfig config = TokenizerConfig.read(folder);
        TokenizerJson json = TokenizerJson.read(UntrustedFolder.file(folder, FILE));
        FolderJson model = FolderJson.read(folder, "config.json");
        String declared = config.className();
        TokenizerClass built = TokenizerClasses.of(
                declared == null ? model.text("tokenizer_class") : declared,
                model.text("model_type"),
                json.mentionsByteLevel(),
                config.file());
        SpecialTokens special = new SpecialTokens(config, json, built);
        return new FolderTokens(config, json, model, built, special, special.addTo(json));
    }
}
