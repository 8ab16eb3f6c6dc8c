package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.internal.state.TrainingPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds a step that would have nothing to learn from: its loss would be 0 / 0. Before any training where all rows are there; where they come one
 * by one, before each step.
 */
record SupervisionCheck(Model<?> model, Objective objective, TrainingPlan plan, BatchSource source) {

    /**
     * Looks at every step of a run, unless its rows come one by one.
     *
     * @throws IllegalArgumentException if nothing of a step is supervised
     */
    void run() throws IOException {
        if (source.isLazy() || everyRowTeaches()) {
            return;
        }
        for (long step = 0; step < plan.steps(); step++) {
            List<BatchSource.MicroBatch> batches = new ArrayList<>();
            for (TrainingPlan.Place place : plan.places(step)) {
                batches.add(source.batch(place.epoch(), place.index()));
            }
            if (isEmpty(batches)) {
                throw new IllegalArgumentException(message(step, batches));
            }
        }
    }

    /**
     * Looks at a step of rows that come one by one.
     *
     * @throws DataException if nothing of it is supervised
     */
    void check(long step, List<BatchSource.MicroBatch> batches) throws DataException {
        if (source.isLazy() && isEmpty(batches)) {
            throw new DataException(message(step, batches));
        }
    }

    private boolean isEmpty(List<BatchSource.MicroBatch> batches) {
        return batches.stream().allMatch(batch -> objective.items(model, batch.rows()) == 0);
    }

    private String message(long step, List<BatchSource.MicroBatch> batches) {
        return "no " + objective.item() + " of step " + (step + 1) + " is supervised ("
                + batches.stream().map(BatchSource.MicroBatch::toString).collect(Collectors.joining(", "))
                + "): all labels that count are " + Row.Target.IGNORED
                + ". The label of a row's first token counts only if virtual tokens precede it. Leave these rows"
                + " out, or make batches larger";
    }

    /** If so, no order of them can make an empty step: the usual case, for the price of one pass over the labels. */
    private boolean everyRowTeaches() throws IOException {
        for (long i = 0; i < plan.batchesOfFirst(); i++) {
            for (Row row : source.batch(0, i).rows().rows()) {
                if (objective.items(model, new Batch(List.of(row))) == 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
