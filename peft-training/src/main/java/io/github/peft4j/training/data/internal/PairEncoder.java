package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into texts of which some go together: {@code anchor}, {@code positive} and negatives, {@code negative}, {@code negative_1} and so on; or
 * {@code text}, {@code text_pair} and their {@code score}. Each text is a text, or a list of token ids; {@code negative} may be a list of such.
 */
final class PairEncoder implements ExampleEncoder {

    private static final String NEGATIVE = "negative";
    private static final Pattern NEGATIVES = Pattern.compile(NEGATIVE + "(_\\d+)?");

    private final EncodingOptions options;
    private final RowLimit limit;

    PairEncoder(EncodingOptions options) {
        this.options = options;
        this.limit = new RowLimit(options);
    }

    @Override
    public RowKind kind(FileRow row) throws RowException {
        return RowKind.ofPairs(row);
    }

    @Override
    public Encoded encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            Texts texts = new Texts(row);
            Row encoded = kind == RowKind.PAIR
                    ? new Row(texts.ids("anchor"), new Row.Target.Contrast(texts.ids("positive"), texts.negatives()))
                    : new Row(texts.ids("text"), new Row.Target.Similarity(texts.ids("text_pair"), score(row)));
            options.requireInVocabulary(encoded.sequences().toArray(int[][]::new));
            return new Encoded(encoded, texts.longest);
        } catch (IllegalArgumentException e) {
            throw new RowException(Problem.NOT_AN_EXAMPLE, String.valueOf(e.getMessage()));
        }
    }

    /** The texts of a row. */
    private final class Texts {

        private final FileRow row;
        private int longest;

        Texts(FileRow row) {
            this.row = row;
        }

        List<int[]> negatives() throws RowException, CheckpointException {
            List<int[]> all = new ArrayList<>();
            for (String key : row.keys()) {
                if (!key.startsWith(NEGATIVE)) {
                    continue;
                }
                if (!NEGATIVES.matcher(key).matches()) {
                    throw new RowException(
                            Problem.NOT_AN_EXAMPLE,
                            JsonWriter.shown(key)
                                    + " is no name of negatives: expected negative, a text or a list of texts, or negative_1,"
                                    + " negative_2 and so on");
                }
                Object value = row.get(key);
                if (value instanceof List<?> list && !list.stream().allMatch(Integer.class::isInstance)) {
                    for (int i = 0; i < list.size(); i++) {
                        all.add(ids(key + "[" + i + "]", list.get(i)));
                    }
                } else if (!List.of().equals(value)) {
                    all.add(ids(key, value));
                }
            }
            return all;
        }

        int[] ids(String key) throws RowException, CheckpointException {
            return ids(key, row.get(key));
        }

        private int[] ids(String name, @Nullable Object value) throws RowException, CheckpointException {
            if (value instanceof String text) {
                if (text.isBlank()) {
                    throw new RowException(Problem.NOT_AN_EXAMPLE, name + " is empty");
                }
                Tokenizer.Pair whole =
                        options.requireTokenizer("lists of token ids").encodePair(text, "");
                longest = Math.max(longest, whole.ids().length);
                return limit.text(whole).ids();
            }
            if (value instanceof List<?> list && list.stream().allMatch(Integer.class::isInstance)) {
                longest = Math.max(longest, list.size());
                return limit.ids(list.stream().mapToInt(id -> (Integer) id).toArray());
            }
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    name + " must be text, or a list of token ids, got " + JsonKind.described(value));
        }
    }

    private static float score(FileRow row) throws RowException {
        if (row.number("score") instanceof Number number) {
            return number.floatValue();
        }
        throw new RowException(
                Problem.NOT_AN_EXAMPLE,
                "score must be a number from -1 to 1, got " + JsonKind.described(row.get("score")));
    }
}
