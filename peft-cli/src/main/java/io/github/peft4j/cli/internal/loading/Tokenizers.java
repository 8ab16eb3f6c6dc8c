package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.internal.ModelText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokenizers of a model and of its adapters, opened when they are first needed; close them all. */
public final class Tokenizers implements AutoCloseable {

    private final Path model;
    private final Map<String, Path> adapters;
    private final Console console;
    private final Map<Path, ModelText> texts = new HashMap<>();

    /**
     * None open yet.
     *
     * @param model the checkpoint's folder
     * @param adapters folders by name
     */
    public Tokenizers(Path model, Map<String, Path> adapters, Console console) {
        this.model = model;
        this.adapters = adapters;
        this.console = console;
    }

    private Path folder(String adapter) {
        Path folder = adapters.get(adapter);
        return folder == null ? model : Vocabulary.tokenizerFolder(model, folder);
    }

    /** The text tools that go with an adapter; for any other name, the checkpoint's. */
    private ModelText text(String adapter) {
        return texts.computeIfAbsent(folder(adapter), folder -> {
            if (!folder.equals(model)) {
                console.note("tokens   by the tokenizer in " + folder);
            }
            return ModelText.in(folder, model);
        });
    }

    /**
     * The tokenizer that goes with an adapter, or null if there is none.
     *
     * @throws IOException if it cannot be read
     */
    @Nullable
    public Tokenizer find(String adapter) throws IOException {
        return text(adapter).tokenizer();
    }

    /**
     * The tokenizer that goes with an adapter.
     *
     * @throws IOException if there is none, or it cannot be read
     */
    public Tokenizer require(String adapter) throws IOException {
        return text(adapter).requireTokenizer();
    }

    /**
     * The chat template that lies beside the tokenizer of an adapter, else the checkpoint's.
     *
     * @throws BadInput if there is none
     * @throws IOException if there is no tokenizer, or something cannot be read
     */
    public ChatTemplate requireTemplate(String adapter) throws IOException {
        require(adapter);
        ChatTemplate template = text(adapter).chatTemplate();
        if (template == null) {
            throw new BadInput("--chat: no chat template in " + model + ": expected chat_template.jinja, or"
                    + " chat_template in tokenizer_config.json. Base models have none: continue texts with --prompt");
        }
        return template;
    }

    @Override
    public void close() {
        texts.values().forEach(ModelText::close);
        texts.clear();
    }
}
