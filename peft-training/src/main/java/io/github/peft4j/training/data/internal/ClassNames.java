package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.RowException.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a model as rows name them.
 *
 * @param labels the names of its outputs
 */
record ClassNames(SequenceHead.Labels labels) {

    /** How many names a message lists. */
    private static final int LISTED = 20;

    /**
     * The number of a class that is given by name or by number.
     *
     * @param where for messages
     * @throws RowException if there is no such class
     */
    int id(String where, @Nullable Object value) throws RowException {
        if (value instanceof String name) {
            return named(where, name);
        }
        if (value instanceof Integer number && number >= 0 && number < labels.count()) {
            return number;
        }
        throw new RowException(
                Problem.NOT_AN_EXAMPLE,
                where + " must be "
                        + (value instanceof Number ? "" : "the name of a class, or ") + "a number from 0 to "
                        + (labels.count() - 1) + ", got "
                        + (value instanceof Number ? value : JsonKind.described(value)));
    }

    private int named(String where, String name) throws RowException {
        int id = labels.id(name);
        if (id < 0) {
            boolean all = labels.count() <= LISTED;
            throw new RowException(
                    Problem.NOT_AN_EXAMPLE,
                    where + " " + JsonWriter.shown(name) + " is none of the model's: expected one of "
                            + JsonWriter.shown(
                                    all ? labels.names() : labels.names().subList(0, LISTED))
                            + (all ? "" : " and " + (labels.count() - LISTED) + " more"));
        }
        return id;
    }
}
