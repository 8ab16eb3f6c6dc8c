package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.data.FileOptions;
import io.github.peft4j.cli.internal.data.OddRowOptions;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.PromptTemplate;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.data.internal.SplitChoice;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import io.github.peft4j.training.evaluation.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which rows, and how they become token ids. */
public final class RowOptions {

    private static final String FIRST = "first";
    private static final String ALL = "all";

    @Option(
            names = "--data",
            paramLabel = "PATH",
            arity = "1..*",
            description =
                    "Rows: files, patterns of names ('part-*.jsonl'), or folders of data files. Each has input_ids and labels; or text; or prompt and completion; or instruction,"
                            + " input and output; or messages. To be classified: input_ids or text, perhaps text_pair, and label; tokens"
                            + " and tags. For vectors of texts: anchor and positive, perhaps negative; or text, text_pair and score.")
    public List<Path> files = new ArrayList<>();

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "Which rows of a folder, or of a file, which is the split train: a name, or slices as Hugging"
                    + " Face's datasets writes them: train[:90%%], train[100:200], train+test[-50:]. Default: train, or"
                    + " the only one.")
    @Nullable
    String split;

    @Option(
            names = "--subset",
            paramLabel = "NAME",
            description = "Which of several data sets that a folder's card names. Default: the one that it calls"
                    + " default, or the only one.")
    @Nullable
    String subset;

    @Mixin
    FileOptions format = new FileOptions();

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description = "How instruction and input become a prompt: alpaca, human-assistant, plain, or a text with"
                    + " {instruction} and {input}, in which \\n is a line end and \\t a tab (\\\\n stays \\n)."
                    + " Default: ${DEFAULT-VALUE}.")
    String template = PromptTemplate.ALPACA.toString();

    @Mixin
    OddRowOptions odd = new OddRowOptions();

    @Option(
            names = "--label-pieces",
            paramLabel = "WHICH",
            description =
                    "Where a word of tokens and tags is several tokens of the model, which of these learn its tag: first, or"
                            + " all, with I- in place of B- after the first. Default: ${DEFAULT-VALUE}.")
    String labelPieces = FIRST;

    /**
     * What the files hold.
     *
     * @throws IOException if there is no such file, or files of its kind cannot be read
     */
    public List<RowSource> sources() throws IOException {
        return parts().stream().flatMap(List::stream).toList();
    }

    /**
     * What each file, folder or pattern that was given holds.
     *
     * @throws IOException if there is no such file, or files of its kind cannot be read
     */
    public List<List<RowSource>> parts() throws IOException {
        List<List<RowSource>> parts = new ArrayList<>();
        for (Path each : files) {
            parts.add(RowSources.of(List.of(each), options(SplitChoice.toTrain(split, subset))));
        }
        return parts;
    }

    /**
     * What another file or folder holds, to evaluate on, which is read in the same way.
     *
     * @param heldOut which split, or null for the usual ones
     * @throws IOException if there are no such rows
     */
    public List<RowSource> heldOut(Path path, @Nullable String heldOut) throws IOException {
        return RowSources.of(List.of(path), options(SplitChoice.toEvaluate(heldOut, subset)));
    }

    private RowSources.Options options(SplitChoice choice) {
        return format.read().withSplit(choice);
    }

    /**
     * Finds data sets that are named by a hub.
     *
     * @throws IOException if the hub does not give one
     */
    public void find(Hub hub) throws IOException {
        files = RowSources.found(files, hub);
    }

    /** That there are files, for a purpose. */
    public Given.Needed<List<Path>> needed(String purpose) {
        return new Given.Needed<>(files.isEmpty() ? null : files, "--data", "a file of rows to " + purpose + " on");
    }

    /**
     * Checks the options.
     *
     * @throws BadInput if one is not valid
     */
    public void check() {
        odd.check();
        if (!labelPieces.equals(FIRST) && !labelPieces.equals(ALL)) {
            throw new BadInput("--label-pieces: expected " + FIRST + " or " + ALL + ", got " + labelPieces);
        }
    }

    /** The greatest length of a row. */
    public int maxLength(int otherwise) {
        return odd.maxLength(otherwise);
    }

    /**
     * Reads rows of one or more sets.
     *
     * @param vocabulary what text becomes, and token ids must be of
     * @param sets where rows come from by what they are for
     * @param labels what each row has as its label, or null where next tokens are learned
     * @return what was read, in the order of the sets
     * @throws IOException if a file cannot be read or a row is no example
     */
    public List<Dataset> read(
            Vocabulary vocabulary,
            Map<String, RowFeed> sets,
            Console console,
            EncodingOptions.@Nullable RowLabels labels)
            throws IOException {
        EncodingOptions plain = encoding(vocabulary, labels);
        try (ModelText text = ModelText.in(vocabulary.folder(), vocabulary.model())) {
            List<Dataset> all = new ArrayList<>();
            for (Map.Entry<String, RowFeed> set : sets.entrySet()) {
                Dataset examples = set.getValue().read(plain.withText(text));
                console.note(String.format(Locale.ROOT, "%-8s %s", set.getKey(), examples.report()));
                examples.report().oddRows().places().forEach(console::note);
                all.add(examples);
            }
            return all;
        }
    }

    /**
     * How rows become token ids, but for text.
     *
     * @param labels what each row has as its label, or null where next tokens are learned
     * @throws BadInput if an option is not valid
     */
    public EncodingOptions encoding(Vocabulary vocabulary, EncodingOptions.@Nullable RowLabels labels) {
        return BadInput.when(() -> EncodingOptions.of(vocabulary.size())
                .withTemplate(PromptTemplate.of(TypedText.unescaped(template)))
                .withMaxLength(odd.maxLength(EncodingOptions.UNLIMITED))
                .withOddRows(odd.read())
                .withTokenTypes(vocabulary.tokenTypes())
                .withLabels(pieces(labels)));
    }

    private EncodingOptions.@Nullable RowLabels pieces(EncodingOptions.@Nullable RowLabels labels) {
        if (labelPieces.equals(FIRST)) {
            return labels;
        }
        if (labels == null || !labels.perToken() || labels.names() == null) {
            throw new BadInput("--label-pieces " + ALL + " is for --task " + TokenHead.TASK);
        }
        return labels.atEveryPiece();
    }

    /**
     * Checks that a model has something to predict.
     *
     * @param files where the rows come from
     * @throws BadInput if no label counts
     */
    public static void requireSupervised(List<Row> rows, Model<?> model, List<Path> files) {
        try {
            new Evaluation(rows).items(model, model.head().objective());
        } catch (IllegalArgumentException e) {
            String named = String.join(", ", files.stream().map(Path::toString).toList());
            throw new BadInput(named + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that a model has a position for every token, and knows the types of all.
     *
     * @throws BadInput if a row is longer than its table of positions, or has a type that it does not know
     */
    public static void requireReadable(List<Row> rows, Model<?> model, String option) {
        try {
            ModelInput.ofRows(rows)
                    .requireTypes(model.backbone().tokenTypes(), model.config().modelType());
        } catch (IllegalArgumentException e) {
            throw new BadInput(option + ": " + e.getMessage(), e);
        }
        Anatomy anatomy = model.anatomy();
        int room = anatomy.maxPositions() - model.positionsBefore();
        int longest = rows.stream().mapToInt(Row::longest).max().orElse(0);
        if (anatomy.positions() == Anatomy.PositionScheme.LEARNED && longest > room) {
            throw new BadInput(option + ": a row has " + longest + " tokens, but the model has a table of "
                    + anatomy.maxPositions()
                    + " positions"
                    + (model.positionsBefore() == 0 ? "" : ", of which the adapter takes " + model.positionsBefore())
                    + ": give --max-length " + room + ", and --truncate if it is to be cut");
        }
    }
}
