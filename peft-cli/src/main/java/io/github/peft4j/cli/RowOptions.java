package io.github.peft4j.cli;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.Models;
import io.github.peft4j.models.text.ChatTemplate;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.Example;
import io.github.peft4j.training.data.ExampleReader;
import io.github.peft4j.training.data.Examples;
import io.github.peft4j.training.data.PromptTemplate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which rows, and how they become token ids. */
final class RowOptions {

    private static final Pattern TOKEN_IDS = Pattern.compile("\\{.*\"input_ids\"\\s*:.*", Pattern.DOTALL);

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description =
                    "Rows, repeatable. Each has input_ids and labels; or text; or prompt and completion; or instruction,"
                            + " input and output; or messages.")
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description = "How instruction and input become a prompt: alpaca, human-assistant, plain, or a text with"
                    + " {instruction} and {input}. Default: ${DEFAULT-VALUE}.")
    String template = PromptTemplate.ALPACA.toString();

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description =
                    "Leave out rows of more than N tokens, and say how many. Nothing is ever cut. Default: no limit.")
    @Nullable
    Integer maxLength;

    /**
     * Reads rows of one or more sets of files.
     *
     * @param sets files by what they are for
     * @return what was read, in the order of the sets
     * @throws IOException if a file cannot be read or a row is no example
     */
    List<Examples> read(ModelLocation model, Map<String, List<Path>> sets, Console console) throws IOException {
        Given.atLeast(1, maxLength, "--max-length");
        EncodingOptions plain = BadInput.when(() -> EncodingOptions.of(
                        Models.sizes(Models.config(model.folder())).vocabSize())
                .withTemplate(PromptTemplate.of(template))
                .withMaxLength(maxLength == null ? EncodingOptions.UNLIMITED : maxLength));
        boolean text = !sets.values().stream().flatMap(List::stream).allMatch(RowOptions::onlyTokenIds);
        // Rows of token ids need no tokenizer: the checkpoint may lack one, and memory is better used otherwise.
        try (Tokenizer tokenizer = text && Tokenizer.isIn(model.folder()) ? Tokenizer.open(model.folder()) : null) {
            EncodingOptions options = tokenizer == null ? plain : withText(plain, model.folder(), tokenizer);
            List<Examples> all = new ArrayList<>();
            for (Map.Entry<String, List<Path>> set : sets.entrySet()) {
                Examples examples = ExampleReader.read(set.getValue(), options);
                console.note(String.format("%-8s %s", set.getKey(), examples.report()));
                all.add(examples);
            }
            return all;
        }
    }

    private static EncodingOptions withText(EncodingOptions plain, Path folder, Tokenizer tokenizer)
            throws IOException {
        EncodingOptions options = plain.withTokenizer(tokenizer);
        return ChatTemplate.isIn(folder) ? options.withChatTemplate(ChatTemplate.open(folder, tokenizer)) : options;
    }

    /** A look at each line is cheap beside a tokenizer in memory. What cannot be looked at is reported by whoever reads it. */
    private static boolean onlyTokenIds(Path file) {
        if (!Files.isRegularFile(file) || !file.toString().endsWith(".jsonl")) {
            return false;
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            return lines.lines()
                    .filter(line -> !line.isBlank())
                    .allMatch(line -> TOKEN_IDS.matcher(line).matches());
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /**
     * Checks that a model has a position for every token.
     *
     * @throws BadInput if a row is longer than its table of positions
     */
    static void requirePositions(Examples examples, CausalLm model, String option) {
        Anatomy anatomy = model.anatomy();
        int room = anatomy.maxPositions() - model.positionsBefore();
        int longest = examples.rows().stream().mapToInt(Example::length).max().orElse(0);
        if (anatomy.positions() == Anatomy.PositionScheme.LEARNED && longest > room) {
            throw new BadInput(option + ": a row has " + longest + " tokens, but the model has a table of "
                    + anatomy.maxPositions()
                    + " positions"
                    + (model.positionsBefore() == 0 ? "" : ", of which the adapter takes " + model.positionsBefore())
                    + ": give --max-length " + room);
        }
    }
}
