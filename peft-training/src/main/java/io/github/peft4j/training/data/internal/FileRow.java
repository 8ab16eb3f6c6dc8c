package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.PlainValue;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of a file: values by name, checked when they are asked for.
 *
 * @param fields as {@link io.github.peft4j.models.internal.json.JsonTree} builds them
 * @param plain whether all values are text, so that numbers and lists are read where they are asked for
 */
public record FileRow(Map<String, @Nullable Object> fields, boolean plain) {

    /** A row whose values are what they are. */
    public FileRow(Map<String, @Nullable Object> fields) {
        this(fields, false);
    }

    private static final String TEXT = "text";

    /**
     * A row of a source.
     *
     * @throws RowException if it cannot be read
     */
    public static FileRow of(RowSource.Item item) throws RowException {
        if (item.problem() != null) {
            throw new RowException(Problem.UNREADABLE, item.problem());
        }
        return new FileRow(item.fields(), item.plain());
    }

    /** The same row with other values. */
    FileRow with(Map<String, @Nullable Object> values) {
        return new FileRow(values, plain);
    }

    /** The names of the values. */
    public Set<String> keys() {
        return fields.keySet();
    }

    /** Whether there is a value of this name, be it null. */
    public boolean has(String key) {
        return fields.containsKey(key);
    }

    /** Whether there is a value of this name that is not null. */
    public boolean tells(String key) {
        Object value = fields.get(key);
        return value != null && !(plain && value.equals(""));
    }

    /** A value, or null; of a row of text an empty value is null, and one that JSON has as a list or an object is that. */
    public @Nullable Object get(String key) {
        return plain ? PlainValue.read(fields.get(key)) : fields.get(key);
    }

    /** A value that may be a number: as {@link #get}, and of a row of text one that JSON has as a number is that. */
    public @Nullable Object number(String key) {
        return plain ? PlainValue.readNumber(fields.get(key)) : fields.get(key);
    }

    private RowException expected(String key, String what) {
        String found = has(key) ? JsonKind.described(get(key)) : "nothing";
        boolean number = get(key) instanceof Number && what.equals(TEXT);
        return new RowException(
                number ? Problem.NUMBER : Problem.NOT_AN_EXAMPLE, key + " must be " + what + ", got " + found);
    }

    /**
     * A text.
     *
     * @throws RowException if it is missing or something else
     */
    public String text(String key) throws RowException {
        if (fields.get(key) instanceof String text) {
            return text;
        }
        throw expected(key, TEXT);
    }

    /**
     * A text, or null if it is missing or null.
     *
     * @throws RowException if it is something else
     */
    public @Nullable String textOrNull(String key) throws RowException {
        return get(key) == null ? null : text(key);
    }

    /**
     * A list of whole numbers.
     *
     * @throws RowException if it is missing or something else
     */
    public int[] integers(String key) throws RowException {
        if (!(get(key) instanceof List<?> list)) {
            throw expected(key, "a list of whole numbers");
        }
        int[] numbers = new int[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Integer number)) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        key + "[" + i + "] must be a whole number of 32 bits, got " + JsonKind.described(list.get(i)));
            }
            numbers[i] = number;
        }
        return numbers;
    }

    /**
     * A list of texts.
     *
     * @throws RowException if it is missing or something else
     */
    public List<String> texts(String key) throws RowException {
        if (!(get(key) instanceof List<?> list)) {
            throw expected(key, "a list of texts");
        }
        List<String> texts = new ArrayList<>(list.size());
        for (Object value : list) {
            if (!(value instanceof String text)) {
                throw new RowException(
                        Problem.NOT_AN_EXAMPLE,
                        key + "[" + texts.size() + "] must be text, got " + JsonKind.described(value));
            }
            texts.add(text);
        }
        return texts;
    }

    /**
     * Tokens by their ids, with their types if it has any.
     *
     * @param target what is to be learned of them
     * @throws RowException if ids are missing, or some are padding
     */
    public Row tokens(Row.Target target) throws RowException {
        int[] ids = integers("input_ids");
        if (has("attention_mask") && !Arrays.equals(integers("attention_mask"), ones(ids.length))) {
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    "attention_mask must be 1 for every token; leave padding out of input_ids and labels");
        }
        return new Row(ids, types(), target);
    }

    /** Types of tokens, or none where all are 0: tokenizers write them for models that know of none, too. */
    private int[] types() throws RowException {
        if (get("token_type_ids") == null) {
            return new int[0];
        }
        int[] types = integers("token_type_ids");
        return Arrays.stream(types).allMatch(type -> type == 0) ? new int[0] : types;
    }

    private static int[] ones(int length) {
        int[] ones = new int[length];
        Arrays.fill(ones, 1);
        return ones;
    }
}
