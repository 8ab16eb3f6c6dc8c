package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.FileRow;
import io.github.peft4j.training.data.internal.RowException;
import io.github.peft4j.training.data.internal.RowReader;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.data.text.internal.TextLines;
import io.github.peft4j.training.data.text.internal.TextRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is to be continued. */
public final class PromptOptions {

    @Option(names = "--prompt", paramLabel = "TEXT", description = "A text to continue, repeatable.")
    List<String> texts = new ArrayList<>();

    @Option(
            names = "--prompt-ids",
            paramLabel = "ID[,ID...]",
            description = "Token ids to continue, repeatable; needs no tokenizer.")
    List<String> ids = new ArrayList<>();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "A file of prompts: one in each line, or, if its name ends in .jsonl, .ndjson or .json, rows with"
                            + " prompt or input_ids, and perhaps adapter.")
    @Nullable
    public Path file;

    @Option(
            names = "--chat",
            description = "Talk: each line typed or piped in is a message, answered with the model's chat template.")
    public boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before a --chat.")
    @Nullable
    public String system;

    /**
     * A prompt: a text, or token ids.
     *
     * @param adapter name of the adapter that it is to be continued with, or null
     */
    public record Prompt(
            @Nullable String text,
            int @Nullable [] ids,
            @Nullable String adapter) {}

    /**
     * All prompts in the order in which they were given; none for a chat.
     *
     * @throws BadInput if there are none, or more than one kind of them
     * @throws IOException if a file cannot be read
     */
    public List<Prompt> read() throws IOException {
        int kinds = (texts.isEmpty() ? 0 : 1) + (ids.isEmpty() ? 0 : 1) + (file == null ? 0 : 1) + (chat ? 1 : 0);
        if (kinds != 1) {
            throw new BadInput((kinds == 0 ? "nothing to continue" : "too many kinds of prompts")
                    + ": give one of --prompt, --prompt-ids, --prompts and --chat");
        }
        Given.needs(system != null, "--system", chat, "--chat");
        List<Prompt> prompts = new ArrayList<>();
        texts.forEach(text -> prompts.add(new Prompt(text, null, null)));
        ids.forEach(list -> prompts.add(new Prompt(null, numbers(list), null)));
        if (file != null) {
            prompts.addAll(ofFile(file));
        }
        return prompts;
    }

    private static int[] numbers(String list) {
        String[] parts = list.strip().split("[,\\s]+", -1);
        int[] numbers = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                numbers[i] = Integer.parseInt(parts[i]);
            } catch (NumberFormatException e) {
                throw new BadInput("--prompt-ids must be token ids separated by commas, got \"" + parts[i] + "\"", e);
            }
        }
        return numbers;
    }

    private static List<Prompt> ofFile(Path file) throws IOException {
        List<Prompt> prompts = RowSources.names(file) && !new TextRows().names(file)
                ? RowReader.read(RowSources.of(List.of(file), RowSources.Options.DEFAULT), PromptOptions::ofRow)
                : RowReader.read(List.of(TextLines.of(file)), row -> new Prompt(row.text(TextLines.TEXT), null, null));
        if (prompts.isEmpty()) {
            throw new BadInput("no prompts in " + file + ": expected one in each line");
        }
        return prompts;
    }

    private static Prompt ofRow(FileRow row) throws RowException {
        String adapter = row.textOrNull("adapter");
        if (row.get("input_ids") != null) {
            int[] numbers = row.integers("input_ids");
            if (numbers.length == 0) {
                throw new RowException(RowException.Problem.NOT_AN_EXAMPLE, "input_ids is empty: expected token ids");
            }
            return new Prompt(null, numbers, adapter);
        } else if (row.has("prompt")) {
            return new Prompt(row.text("prompt"), null, adapter);
        }
        throw new RowException(
                RowException.Problem.NOT_AN_EXAMPLE,
                "expected prompt (text) or input_ids (a list of token ids), got the keys "
                        + JsonWriter.shown(row.keys()));
    }
}
