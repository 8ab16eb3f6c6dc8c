package io.github.peft4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is to be continued. */
final class PromptOptions {

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
                    "A file of prompts: one in each line, or, if its name ends in .jsonl, one object with prompt or"
                            + " input_ids, and perhaps adapter, in each line.")
    @Nullable
    Path file;

    @Option(
            names = "--chat",
            description = "Talk: each line typed or piped in is a message, answered with the model's chat template.")
    boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before a --chat.")
    @Nullable
    String system;

    /**
     * A prompt: a text, or token ids.
     *
     * @param adapter name of the adapter that it is to be continued with, or null
     */
    record Prompt(
            @Nullable String text,
            int @Nullable [] ids,
            @Nullable String adapter) {}

    /**
     * All prompts in the order in which they were given; none for a chat.
     *
     * @throws BadInput if there are none, or more than one kind of them, or a file cannot be read
     */
    List<Prompt> read() {
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

    private static List<Prompt> ofFile(Path file) {
        List<Prompt> prompts = new ArrayList<>();
        boolean json = file.toString().endsWith(".jsonl");
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(
                        json ? ofJson(lines.get(i), file + " line " + (i + 1)) : new Prompt(lines.get(i), null, null));
            }
        }
        if (prompts.isEmpty()) {
            throw new BadInput("no prompts in " + file + ": expected one in each line");
        }
        return prompts;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (CharacterCodingException e) {
            throw new BadInput(file + " is not in UTF-8", e);
        } catch (IOException e) {
            throw new BadInput(
                    "cannot read " + file + ": " + (Files.exists(file) ? e.getMessage() : "there is no such file"), e);
        }
    }

    private static @Nullable String adapter(JsonNode name, String where) {
        if (name.isMissingNode() || name.isNull() || name.isTextual()) {
            return name.textValue();
        }
        throw new BadInput(where + ": adapter must be the name of one, got " + name);
    }

    private static Prompt ofJson(String line, String where) {
        try {
            JsonNode row = new ObjectMapper().readTree(line);
            String adapter = adapter(row.path("adapter"), where);
            JsonNode tokens = row.path("input_ids");
            if (tokens.isArray() && !tokens.isEmpty()) {
                int[] numbers = new int[tokens.size()];
                for (int i = 0; i < numbers.length; i++) {
                    if (!tokens.get(i).canConvertToInt() || !tokens.get(i).isIntegralNumber()) {
                        throw new BadInput(where + ": input_ids[" + i + "] must be a token id, got " + tokens.get(i));
                    }
                    numbers[i] = tokens.get(i).intValue();
                }
                return new Prompt(null, numbers, adapter);
            }
            if (row.path("prompt").isTextual()) {
                return new Prompt(row.get("prompt").textValue(), null, adapter);
            }
            throw new BadInput(where + ": expected an object with prompt (text) or input_ids (a list of token ids)");
        } catch (JsonProcessingException e) {
            throw new BadInput(where + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
