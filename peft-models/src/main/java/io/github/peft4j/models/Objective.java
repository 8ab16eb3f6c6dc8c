package io.github.peft4j.models;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.nn.Forward;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What a model learns: from a batch to a loss. A loss is a sum over items, tokens or rows as the objective has it, so that the mean of an
 * accumulated batch does not depend on how that is cut.
 */
public interface Objective {

    /** What an item is, for messages: {@code token} or {@code row}. */
    String item();

    /** What must be the same for a run to be resumed, as text by name. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * The items of a batch that {@link #loss} sums over, with the changes to inputs in force now.
     *
     * @throws IllegalArgumentException if a row's target is of another kind
     */
    int items(Model<?> model, Batch batch);

    /**
     * What the summed loss of a batch is divided by to be a mean: its items, or the sum of their weights where some count more than others.
     *
     * @throws IllegalArgumentException as {@link #items}
     */
    default double weight(Model<?> model, Batch batch) {
        return items(model, batch);
    }

    /**
     * The summed loss of a batch; in a recorded pass also puts the gradients in place, to be walked back by {@link Forward#backward}.
     *
     * @param weight multiplies the gradients: one over the {@link #weight} of the whole accumulated batch
     * @throws IllegalArgumentException if a row's target is of another kind, or the model has no head for it
     */
    double loss(Forward context, Model<?> model, Batch batch, double weight);

    /**
     * Whether a row's loss depends on those beside it. Such rows are evaluated together: {@link #evaluate} is given all of them, and takes them through the
     * model in parts of its own.
     */
    default boolean comparesRows() {
        return false;
    }

    /**
     * {@link #loss} without gradients, which tells the outputs of each row where predictions can be judged by them.
     *
     * @param outputs told of each row of the batch in order, if this objective has outputs a row
     */
    default double evaluate(Forward context, Model<?> model, Batch batch, BiConsumer<Row, float[]> outputs) {
        return loss(context, model, batch, 1);
    }
}
