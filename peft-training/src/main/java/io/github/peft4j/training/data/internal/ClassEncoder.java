package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a row into token ids and what is to be learned of the whole of it: {@code input_ids}, perhaps with {@code token_type_ids}, or
 * {@code text}, perhaps with {@code text_pair}; and {@code label}.
 *
 * <p>A label is the number or the name of a class; a list of numbers, one for each output, or of the names that apply; or a number where there is
 * one output. A text has the special tokens that Python's tokenizer puts around it, and nothing else.
 */
final class ClassEncoder implements ExampleEncoder {

    private static final String LABEL = "label";

    private final EncodingOptions options;
    private final boolean needed;
    private final SequenceHead.Labels names;
    private final ClassNames classes;
    private final RowLimit limit;

    ClassEncoder(EncodingOptions options, EncodingOptions.RowLabels labels) {
        this.options = options;
        this.needed = labels.needed();
        this.names = Objects.requireNonNull(labels.names(), "a label for each row is one of a classifier");
        this.classes = new ClassNames(names);
        this.limit = new RowLimit(options);
    }

    @Override
    public RowKind kind(FileRow row) throws RowException {
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

    @Override
    public Encoded encode(RowKind kind, FileRow row) throws RowException, CheckpointException {
        try {
            Encoded encoded = kind == RowKind.INPUT_IDS ? ids(row) : text(row);
            options.requireInVocabulary(encoded.rows().get(0).tokenIds());
            return encoded;
        } catch (IllegalArgumentException e) {
            throw new RowException(Problem.NOT_AN_EXAMPLE, String.valueOf(e.getMessage()));
        }
    }

    private Encoded ids(FileRow row) throws RowException {
        Row whole = row.tokens(target(row));
        return new Encoded(
                new Row(limit.ids(whole.tokenIds()), limit.ids(whole.tokenTypes()), whole.target()), whole.length());
    }

    private Encoded text(FileRow row) throws RowException, CheckpointException {
        Tokenizer tokenizer = options.requireTokenizer("input_ids");
        String text = row.text("text");
        String other = row.textOrNull("text_pair");
        Tokenizer.Pair whole = tokenizer.encodePair(text, other == null ? "" : other);
        Tokenizer.Pair cut = limit.text(whole);
        int[] types = other == null ? new int[0] : cut.typesFor(options.tokenTypes());
        return new Encoded(new Row(cut.ids(), types, target(row)), whole.ids().length).of("text", text);
    }

    private Row.Target target(FileRow row) throws RowException {
        if (!needed) {
            return Row.Target.NONE;
        }
        Object value = row.number(LABEL);
        if (value == null) {
            throw new RowException(Problem.NO_LABEL, "there is no label: expected " + expected());
        }
        if (value instanceof List<?> list) {
            return several(list);
        }
        if (value instanceof String || (value instanceof Integer && names.count() > 1)) {
            return new Row.Target.Label(classes.id(LABEL, value));
        }
        if (value instanceof Number number) {
            return new Row.Target.Scores(new float[] {number.floatValue()});
        }
        throw bad(value);
    }

    private Row.Target several(List<?> list) throws RowException {
        if (!list.isEmpty() && list.stream().allMatch(String.class::isInstance)) {
            float[] applies = new float[names.count()];
            for (Object name : list) {
                applies[classes.id(LABEL, name)] = 1;
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

    private RowException bad(@Nullable Object value) {
        return new RowException(
                Problem.NOT_AN_EXAMPLE,
                "label must be " + expected() + ", got " + JsonKind.described(value)
                        + (value instanceof List<?> list ? " of " + list.size() : ""));
    }

    private String expected() {
        int count = names.count();
        return count == 1
                ? "a number"
                : "the number or the name of a class, or a list of " + count + " numbers or of names";
    }
}
