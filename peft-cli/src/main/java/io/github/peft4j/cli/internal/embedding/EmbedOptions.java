package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.training.data.internal.FileRow;
import io.github.peft4j.training.data.internal.RowException;
import io.github.peft4j.training.data.internal.RowReader;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.data.text.internal.TextLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes a vector, and how. */
final class EmbedOptions {

    @Option(names = "--text", paramLabel = "TEXT", arity = "1..*", description = "Texts.")
    List<String> texts = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description =
                    "A file of texts, repeatable: one in each line, or, if its name is that of a file of JSON or CSV,"
                            + " rows with text or input_ids.")
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--pooling",
            paramLabel = "MODE",
            description =
                    "How the hidden states of tokens become one vector: mean, cls, last, max, mean_sqrt_len_tokens or"
                            + " weightedmean. Default: as 1_Pooling says; of a plain checkpoint mean, or of a language model last.")
    @Nullable
    String pooling;

    @Option(
            names = "--normalize",
            negatable = true,
            description = "Vectors of the length 1, or with --no-normalize of whatever length. Default: as modules.json"
                    + " says; of a plain checkpoint not.")
    @Nullable
    Boolean normalize;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Put TEXT before every text; '' for none.")
    @Nullable
    String prompt;

    @Option(
            names = "--prompt-name",
            paramLabel = "NAME",
            description = "Put the model's prompt of this name before every text. Default: the one that"
                    + " config_sentence_transformers.json says is usual.")
    @Nullable
    String promptName;

    @Option(names = "--task", paramLabel = "TASK", hidden = true)
    @Nullable
    String task;

    /**
     * What is to become a vector.
     *
     * @param text or null
     * @param ids if there is no text
     */
    record Item(@Nullable String text, @Nullable Row ids) {}

    /**
     * Checks the options.
     *
     * @throws BadInput if one is not valid
     */
    void check() {
        Given.all(new Given.Needed<>(
                texts.isEmpty() && files.isEmpty() ? null : texts, "--data or --text", "a file of texts, or texts"));
        if (prompt != null && promptName != null) {
            throw new BadInput("--prompt and --prompt-name exclude each other: give one");
        }
        if (task != null && !task.equals(EmbeddingHead.TASK)) {
            throw new BadInput("--task: embed is for " + EmbeddingHead.TASK + ", got " + task);
        }
        if (pooling != null) {
            String mode = pooling;
            BadInput.when(() -> Pooling.Mode.of(mode));
        }
    }

    /** What counts instead of what the checkpoint says. */
    Map<String, Object> changes() {
        Map<String, Object> changes = new LinkedHashMap<>();
        if (pooling != null) {
            changes.put(EmbeddingHead.POOLING, pooling);
        }
        if (normalize != null) {
            changes.put(EmbeddingHead.NORMALIZE, normalize);
        }
        return changes;
    }

    /**
     * The embedder with the prompt that was asked for.
     *
     * @throws BadInput if the model has none of this name
     */
    TextEmbedder prompted(TextEmbedder embedder) {
        if (prompt != null) {
            return embedder.withPrompt(prompt);
        }
        String name = promptName;
        return name == null ? embedder : BadInput.when(() -> embedder.withPromptNamed(name));
    }

    /**
     * All items, texts of the command line first.
     *
     * @throws IOException if a file cannot be read or a row is none
     */
    List<Item> read() throws IOException {
        List<Item> items = new ArrayList<>();
        texts.forEach(text -> items.add(new Item(text, null)));
        for (Path file : files) {
            List<Item> found = RowSources.names(file)
                    ? RowReader.read(RowSources.of(List.of(file), RowSources.Options.DEFAULT), EmbedOptions::item)
                    : RowReader.read(List.of(TextLines.of(file)), row -> new Item(row.text(TextLines.TEXT), null));
            if (found.isEmpty()) {
                throw new BadInput("no texts in " + file);
            }
            items.addAll(found);
        }
        return items;
    }

    private static Item item(FileRow row) throws RowException {
        if (row.get("input_ids") != null) {
            try {
                return new Item(null, new Row(row.integers("input_ids"), Row.Target.NONE));
            } catch (IllegalArgumentException e) {
                throw new RowException(RowException.Problem.NOT_AN_EXAMPLE, "input_ids: " + e.getMessage());
            }
        } else if (row.has("text")) {
            return new Item(row.text("text"), null);
        }
        throw new RowException(
                RowException.Problem.NOT_AN_EXAMPLE,
                "expected text or input_ids (a list of token ids), got the keys " + JsonWriter.shown(row.keys()));
    }
}
