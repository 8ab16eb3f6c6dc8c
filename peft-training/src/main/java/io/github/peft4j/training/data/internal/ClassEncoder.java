package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into token ids and what is to be learned of the whole of it: {@code input_ids}, perhaps with {@code token_type_ids}, or
 * {@code text}, and {@code label}; or of each of its tokens: {@code input_ids} and {@code labels}.
 *
 * <p>A label is the number or the name of a class; a list of numbers, one for each output, or of the names that apply; or a number where there is
 * one output. A text has the special tokens that Python's tokenizer puts around it, and nothing else.
 */
final class ClassEncoder {

    private static final String LABEL = "label";

    private final EncodingOptions options;
    private final EncodingOptions.RowLabels labels;

    ClassEncoder(EncodingOptions options, EncodingOptions.RowLabels labels) {
        this.options = options;
        this.labels = labels;
    }

    /** Where a row's tokens come from. */
    RowKind kind(FileRow row) throws RowException {
        if (row.has("input_ids")) {
            return RowKind.INPUT_IDS;
        }
        boolean ofText = !labels.perToken() || !labels.needed();
        if (row.has("text") && ofText) {
            return RowKind.TEXT;
        }
        String expected = ofText ? "input_ids or text, and label" : "input_ids, and labels for each of them";
        throw new RowException(
                Problem.NOT_AN_EXAMPLE, "expected " + expected + "; got the keys " + JsonWriter.shown(row.keys()));
    }

    /**
     * Encodes a row.
     *
     * @throws RowException if it is no example
     * @throws CheckpointException if the checkpoint's tokenizer cannot be opened
     */
    Row encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            Row encoded = kind == RowKind.INPUT_IDS
                    ? row.tokens(target(row))
                    : new Row(options.requireTokenizer("input_ids").encode(row.text("text")), target(row));
            options.requireInVocabulary(encoded.tokenIds());
            return encoded;
        } catch (IllegalArgumentException e) {
            throw new RowException(Problem.NOT_AN_EXAMPLE, String.valueOf(e.getMessage()));
        }
    }

    private Row.Target target(FileRow row) throws RowException {
        if (!labels.needed()) {
            return Row.Target.NONE;
        }
        if (labels.perToken()) {
            return perToken(row);
        }
        Object value = row.get(LABEL);
        if (value == null) {
            throw new RowException(Problem.NO_LABEL, "there is no label: expected " + expected());
        }
        if (value instanceof List<?> list) {
            return several(list);
        }
        SequenceHead.Labels names = names();
        if (value instanceof String name) {
            return new Row.Target.Label(id(name));
        }
        if (value instanceof Integer number && names.count() > 1) {
            if (number < 0 || number >= names.count()) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        "label must be a number from 0 to " + (names.count() - 1) + ", got " + number);
            }
            return new Row.Target.Label(number);
        }
        if (value instanceof Number number) {
            return new Row.Target.Scores(new float[] {number.floatValue()});
        }
        throw bad(value);
    }

    /** A label for each token: a number only, as names are of words, which may be several tokens. */
    private Row.Target perToken(FileRow row) throws RowException {
        if (!row.has("labels")) {
            throw new RowException(Problem.NO_LABEL, "there are no labels: expected one for each of input_ids");
        }
        Row.Target.TokenLabels each = new Row.Target.TokenLabels(row.integers("labels"));
        if (each.supervised(0) == 0) {
            throw new RowException(Problem.NO_LABEL, "every label is " + Row.Target.IGNORED);
        }
        SequenceHead.Labels names = labels.names();
        if (names == null) {
            options.requireInVocabulary(each.labels());
            return each;
        }
        for (int label : each.labels()) {
            if (label >= names.count()) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        "labels must be numbers from 0 to " + (names.count() - 1) + ", or " + Row.Target.IGNORED
                                + " for none, got " + label);
            }
        }
        return each;
    }

    /** The outputs' names of a classifier of rows. */
    private SequenceHead.Labels names() {
        return Objects.requireNonNull(labels.names(), "a label for each row is one of a classifier");
    }

    private Row.Target several(List<?> list) throws RowException {
        SequenceHead.Labels names = names();
        if (!list.isEmpty() && list.stream().allMatch(String.class::isInstance)) {
            float[] applies = new float[names.count()];
            for (Object name : list) {
                applies[id((String) name)] = 1;
            }
            return new Row.Target.Scores(applies);
        }
        if (list.size() != names.count() || !list.stream().allMatch(Number.class::isInstance)) {
            throw bad(list);
        }
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((Number) list.get(i)).floatValue();
        }
        return new Row.Target.Scores(values);
    }

    private int id(String name) throws RowException {
        int id = names().id(name);
        if (id < 0) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "label " + JsonWriter.shown(name) + " is none of the model's: expected one of "
                            + JsonWriter.shown(names().names()));
        }
        return id;
    }

    private RowException bad(@Nullable Object value) {
        return new RowException(
                Problem.NOT_AN_EXAMPLE,
                "label must be " + expected() + ", got " + JsonKind.described(value)
                        + (value instanceof List<?> list ? " of " + list.size() : ""));
    }

    private String expected() {
        int count = names().count();
        return count == 1
                ? "a number"
                : "the number or the name of a class, or a list of " + count + " numbers or of names";
    }
}
