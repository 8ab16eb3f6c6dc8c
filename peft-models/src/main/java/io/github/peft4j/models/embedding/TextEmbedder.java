package io.github.peft4j.models.embedding;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.embedding.internal.TextRows;
import io.github.peft4j.models.embedding.internal.TextSettings;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes vectors of texts, as {@code SentenceTransformer.encode} does.
 *
 * <pre>{@code
 * try (Model<EmbeddingHead> model = Models.load(folder, LoadOptions.best(), EmbeddingHead.class)) {
 *     float[][] vectors = TextEmbedder.of(model).embed(List.of("a text", "another"));
 * }
 * }</pre>
 *
 * <p>Texts of more tokens than {@link EmbeddingHead#maxLength} are cut; how many, {@link Embedded} says, and {@link #embed} a warning in the log. Works with
 * whatever is attached to the model when it is called. Safe for concurrent use; owns nothing that must be closed.
 */
public final class TextEmbedder {

    private static final Logger LOG = LoggerFactory.getLogger(TextEmbedder.class);

    private final Model<EmbeddingHead> model;
    private final TextSettings settings;
    private final String prompt;

    private TextEmbedder(Model<EmbeddingHead> model, String prompt) {
        this.model = model;
        this.settings = model.head().plan().text();
        this.prompt = prompt;
    }

    /** Of a model, with the prompt that its folder says is usual, if any. */
    public static TextEmbedder of(Model<EmbeddingHead> model) {
        TextSettings text = model.head().plan().text();
        @Nullable String usual = text.defaultPrompt();
        return new TextEmbedder(
                model,
                usual == null ? "" : Objects.requireNonNull(text.prompts().get(usual)));
    }

    /** The same with a text before every text; an empty one for none. */
    public TextEmbedder withPrompt(String text) {
        return new TextEmbedder(model, text);
    }

    /**
     * The same with one of the prompts that the model's folder names.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public TextEmbedder withPromptNamed(String name) {
        Map<String, String> prompts = settings.prompts();
        @Nullable String text = prompts.get(name);
        if (text == null) {
            throw new IllegalArgumentException("no prompt \"" + name + "\": expected one of "
                    + prompts.keySet().stream().sorted().toList());
        }
        return withPrompt(text);
    }

    /**
     * Vectors of texts.
     *
     * @param vectors one a text, in their order
     * @param cut how many texts were longer than the model takes and were cut
     * @param tokens of all rows
     */
    public record Embedded(float[][] vectors, int cut, long tokens) {}

    /**
     * The vectors of texts, in their order.
     *
     * @throws CheckpointException if the model has no tokenizer, or that cannot be opened
     * @throws IllegalArgumentException if a text has no token, or cannot be encoded
     * @throws IllegalStateException if the model is closed
     */
    public float[][] embed(List<String> texts) throws CheckpointException {
        Embedded made = embedded(texts);
        if (made.cut() > 0) {
            LOG.warn("{} of {} texts are longer than {} tokens and were cut", made.cut(), texts.size(), maxLength());
        }
        return made.vectors();
    }

    /** The same, with what was done. */
    public Embedded embedded(List<String> texts) throws CheckpointException {
        TextRows read = TextRows.of(texts, prompt, model.tokenizer(), settings);
        long tokens = read.rows().stream().mapToLong(Row::length).sum();
        int passed = model.head().plan().countsPrompt() ? 0 : read.prompt();
        return new Embedded(vectors(read.rows(), passed), read.cut(), tokens);
    }

    /**
     * The vectors of rows of token ids, in their order; nothing is cut.
     *
     * @throws IllegalArgumentException if a token id is not in the vocabulary, or a row is longer than the table of positions
     * @throws IllegalStateException if the model is closed
     */
    public float[][] embedRows(List<Row> rows) {
        return vectors(rows, 0);
    }

    /**
     * The tokens that a text's vector is made of, the prompt's among them, cut where they are too many: for who runs the model otherwise.
     *
     * @throws CheckpointException as {@link #embed}
     * @throws IllegalArgumentException as {@link #embed}
     * @throws UnsupportedOperationException if the prompt's tokens do not count, which a row cannot say
     */
    public Row row(String text) throws CheckpointException {
        if (!prompt.isEmpty() && !model.head().plan().countsPrompt()) {
            throw new UnsupportedOperationException(
                    "the prompt's tokens do not count in vectors of this model, which only embed() sees to");
        }
        return TextRows.of(List.of(text), prompt, model.tokenizer(), settings)
                .rows()
                .get(0);
    }

    private int maxLength() {
        return model.head().maxLength();
    }

    private float[][] vectors(List<Row> rows, int passed) {
        float[][] vectors = new float[rows.size()][];
        List<Integer> numbers = IntStream.range(0, rows.size()).boxed().toList();
        try (Lease whole = model.leases().hold(null)) {
            LengthBatches.of(numbers, number -> rows.get(number).length())
                    .forEach(batch -> read(rows, batch, passed, vectors));
        }
        return vectors;
    }

    private void read(List<Row> rows, List<Integer> numbers, int passed, float[][] vectors) {
        int size = model.head().size();
        try (Scope scope = model.scope().child()) {
            ModelInput input = ModelInput.ofRows(numbers.stream().map(rows::get).toList());
            try (NDArray outputs = model.head().vectors(scope, model, input, passed)) {
                float[] values = scope.kernels().toFloats(outputs);
                for (int i = 0; i < numbers.size(); i++) {
                    vectors[numbers.get(i)] = Arrays.copyOfRange(values, i * size, (i + 1) * size);
                }
            }
        }
    }
}
