package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into token ids and what is to be learned of the whole of it: {@code input_ids} or {@code text}, and {@code label}.
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
    static RowKind kind(FileRow row) throws RowException {
        if (row.has("input_ids")) {
            return RowKind.INPUT_IDS;
        }
        if (row.has("text")) {
            return RowKind.TEXT;
        }
        throw new RowException(
                Problem.NOT_AN_EXAMPLE,
                "expected input_ids or text, and label; got the keys " + JsonWriter.shown(row.keys()));
    }

    /**
     * Encodes a row.
     *
     * @throws RowException if it is no example
     * @throws CheckpointException if the checkpoint's tokenizer cannot be opened
     */
    Row encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            int[] ids = kind == RowKind.INPUT_IDS
                    ? row.integers("input_ids")
                    : options.requireTokenizer("input_ids").encode(row.text("text"));
            Row encoded = new Row(ids, target(row));
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
        Object value = row.get(LABEL);
        if (value == null) {
            throw new RowException(Problem.NO_LABEL, "there is no label: expected " + expected());
        }
        if (value instanceof List<?> list) {
            return several(list);
        }
        SequenceHead.Labels names = labels.labels();
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

    private Row.Target several(List<?> list) throws RowException {
        SequenceHead.Labels names = labels.labels();
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
        int id = labels.labels().id(name);
        if (id < 0) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "label " + JsonWriter.shown(name) + " is none of the model's: expected one of "
                            + JsonWriter.shown(labels.labels().names()));
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
        int count = labels.labels().count();
        return count == 1
                ? "a number"
                : "the number or the name of a class, or a list of " + count + " numbers or of names";
    }
}
