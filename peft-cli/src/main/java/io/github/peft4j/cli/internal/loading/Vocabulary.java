package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.core.internal.held.OtherVocabulary;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a model and of the adapter that it is used with. An adapter for more tokens than the checkpoint has brings tables of its
 * own, and where Hugging Face's users save their tokenizer with an adapter it is the one that the adapter was trained with.
 *
 * @param size ids are below it
 * @param model the checkpoint's folder
 * @param tokenTypes how many texts of a row the model can tell apart
 * @param folder where the tokenizer lies: the adapter's folder if it has one, else the checkpoint's
 */
public record Vocabulary(int size, int tokenTypes, Path model, Path folder) {

    /**
     * The tokens of a model with an adapter, from configs and headers alone.
     *
     * @param adapter its folder, or null for the model alone
     * @throws IOException if a file cannot be used
     */
    public static Vocabulary of(ModelLocation location, @Nullable Path adapter, Console console) throws IOException {
        Path model = location.folder();
        ConfigJson json = Models.config(model);
        if (adapter == null) {
            ModelConfig sizes = Models.sizes(json);
            return new Vocabulary(sizes.vocabSize(), sizes.tokenTypes(), model, model);
        }
        Path folder = tokenizerFolder(model, adapter);
        if (!folder.equals(model)) {
            console.note("tokens   by the tokenizer in " + adapter);
        }
        try (ModelOutline outline = ModelOutline.of(json, Head.class, null);
                SavedAdapter saved = AdapterStore.open(adapter, PeftMethods.discovered())) {
            Integer tokens = OtherVocabulary.tokens(saved, outline.model());
            ModelConfig sizes = outline.model().config();
            return new Vocabulary(tokens == null ? sizes.vocabSize() : tokens, sizes.tokenTypes(), model, folder);
        }
    }

    /** The folder whose tokenizer goes with an adapter. */
    static Path tokenizerFolder(Path model, Path adapter) {
        return Tokenizer.isIn(adapter) ? adapter : model;
    }

    /** The tokens of the same model with another tokenizer, and perhaps more of them. */
    public Vocabulary with(Path otherFolder, int otherSize) {
        return new Vocabulary(otherSize, tokenTypes, model, otherFolder);
    }
}
