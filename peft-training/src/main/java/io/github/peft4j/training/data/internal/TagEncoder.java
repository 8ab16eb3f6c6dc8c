package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a row into token ids and a label for each of them: {@code input_ids}, perhaps with {@code token_type_ids}, and {@code labels}; or
 * {@code tokens}, which are words, and {@code tags}, one a word, by name or number. As in Hugging Face's {@code run_ner.py}, the first token of a
 * word has its tag, and further ones have none, or the tag too, with {@code I-} for {@code B-}. A row that is only to be predicted may be
 * {@code text} as well.
 */
final class TagEncoder implements ExampleEncoder {

    private static final Logger LOG = LoggerFactory.getLogger(TagEncoder.class);

    /** Hugging Face's data sets have the second. */
    private static final List<String> TAGS = List.of("tags", "ner_tags");

    private final EncodingOptions options;
    private final EncodingOptions.RowLabels labels;
    private final @Nullable ClassNames names;
    private final int[] inside;
    private final RowLimit limit;
    private volatile boolean warned;

    TagEncoder(EncodingOptions options, EncodingOptions.RowLabels labels) {
        this.options = options;
        this.labels = labels;
        this.names = labels.names() == null ? null : new ClassNames(labels.names());
        this.inside = labels.names() == null ? new int[0] : inside(labels.names());
        this.limit = new RowLimit(options);
    }

    /** The tag that goes on with what each begins. */
    private static int[] inside(SequenceHead.Labels names) {
        int[] inside = new int[names.count()];
        for (int id = 0; id < inside.length; id++) {
            String name = names.names().get(id);
            int other = name.startsWith("B-") ? names.id("I-" + name.substring(2)) : -1;
            inside[id] = other < 0 ? id : other;
        }
        return inside;
    }

    @Override
    public RowKind kind(FileRow row) throws RowException {
        if (row.has("input_ids")) {
            return RowKind.INPUT_IDS;
        }
        if (row.has("tokens") && names != null) {
            return RowKind.TOKENS;
        }
        if (row.has("text") && !labels.needed()) {
            return RowKind.TEXT;
        }
        String each = "input_ids, and labels for each of them";
        throw new RowException(
                Problem.NOT_AN_EXAMPLE,
                "expected "
                        + (names == null
                                ? each
                                : labels.needed() ? "tokens and tags, or " + each : "tokens, input_ids or text")
                        + "; got the keys " + JsonWriter.shown(row.keys()));
    }

    @Override
    public Encoded encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            if (kind == RowKind.TOKENS) {
                return words(row);
            }
            if (kind == RowKind.TEXT) {
                Tokenizer.Pair text = tokenizer().encodePair(row.text("text"), "");
                return cut(new Row(text.ids(), Row.Target.NONE), text.texts());
            }
            return cut(row.tokens(labels.needed() ? labels(row) : Row.Target.NONE), new int[0]);
        } catch (IllegalArgumentException e) {
            throw new RowException(Problem.NOT_AN_EXAMPLE, String.valueOf(e.getMessage()));
        }
    }

    /** A row that is cut where it is too long. */
    private Encoded cut(Row whole, int[] texts) throws RowException {
        options.requireInVocabulary(whole.tokenIds());
        return new Encoded(limit.pieces(whole, texts), whole.length(), 0, null);
    }

    private Tokenizer tokenizer() throws RowException, CheckpointException {
        return options.requireTokenizer("input_ids");
    }

    private Encoded words(FileRow row) throws RowException, CheckpointException {
        List<String> words = row.texts("tokens");
        int[] tags = labels.needed() ? tags(row, words.size()) : new int[0];
        Tokenizer.Words whole = tokenizer().encodeWords(words);
        warn(tokenizer());
        int lost = words.size()
                - (int) Arrays.stream(whole.words())
                        .filter(word -> word >= 0)
                        .distinct()
                        .count();
        // Labels follow the cut, as in run_ner.py: of a word that has lost its beginning the first token that is left
        // has its tag.
        Tokenizer.Words encoded = limit.words(whole);
        Row.Target.TokenLabels target = target(encoded, words.size(), tags);
        List<Row> rows = limit.pieces(new Row(encoded.ids(), target), encoded.words());
        boolean learns = !labels.needed() || target.supervised(0) > 0;
        if (!learns && encoded.ids().length == whole.ids().length) {
            throw new RowException(Problem.NO_LABEL, "no word with a tag becomes a token");
        }
        options.requireInVocabulary(encoded.ids());
        return new Encoded(learns ? rows : List.of(), whole.ids().length, lost, null);
    }

    private Row.Target.TokenLabels target(Tokenizer.Words encoded, int words, int[] tags) {
        int[] first = new int[words];
        Arrays.fill(first, -1);
        int[] each = new int[encoded.ids().length];
        Arrays.fill(each, Row.Target.IGNORED);
        for (int t = 0; t < each.length; t++) {
            int word = encoded.words()[t];
            if (word < 0) {
                continue;
            }
            boolean begins = first[word] < 0;
            first[word] = begins ? t : first[word];
            if (labels.needed() && (begins || labels.everyPiece())) {
                each[t] = begins || tags[word] < 0 ? tags[word] : inside[tags[word]];
            }
        }
        return new Row.Target.TokenLabels(each, first);
    }

    private void warn(Tokenizer tokenizer) {
        if (!warned && tokenizer.joinsWords()) {
            warned = true;
            LOG.warn(
                    "the tokenizer puts no blank in front of words, so each is read as if it went on with the one before it, as in"
                            + " transformers 5. For a model of running text set add_prefix_space to true in tokenizer_config.json (or in"
                            + " the pre_tokenizer of tokenizer.json)");
        }
    }

    private int[] tags(FileRow row, int words) throws RowException {
        String key = row.has(TAGS.get(0)) || !row.has(TAGS.get(1)) ? TAGS.get(0) : TAGS.get(1);
        if (row.get(key) == null) {
            throw new RowException(Problem.NO_LABEL, "there are no tags: expected one for each of tokens");
        }
        if (!(row.get(key) instanceof List<?> list)) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    key + " must be a list of names or numbers, got " + JsonKind.described(row.get(key)));
        }
        if (list.size() != words) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "expected one of " + key + " for each of tokens, got " + words + " tokens and " + list.size() + " "
                            + key);
        }
        int[] tags = new int[words];
        for (int word = 0; word < words; word++) {
            tags[word] = tag(key + "[" + word + "]", list.get(word));
        }
        return tags;
    }

    private int tag(String where, @Nullable Object value) throws RowException {
        if (value instanceof Integer number && number == Row.Target.IGNORED) {
            return number;
        }
        return Objects.requireNonNull(names).id(where, value);
    }

    private Row.Target labels(FileRow row) throws RowException {
        if (!row.has("labels")) {
            throw new RowException(Problem.NO_LABEL, "there are no labels: expected one for each of input_ids");
        }
        Row.Target.TokenLabels each = new Row.Target.TokenLabels(row.integers("labels"));
        if (each.supervised(0) == 0) {
            throw new RowException(Problem.NO_LABEL, "every label is " + Row.Target.IGNORED);
        }
        if (names == null) {
            options.requireInVocabulary(each.labels());
            return each;
        }
        for (int label : each.labels()) {
            if (label >= inside.length) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        "labels must be numbers from 0 to " + (inside.length - 1) + ", or " + Row.Target.IGNORED
                                + " for none, got " + label);
            }
        }
        return each;
    }
}
