package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.internal.state.TrainingPlan;
import java.util.ArrayList;
import java.util.List;

/** Finds, before any training, a step that would have nothing to learn from: its loss would be 0 / 0. */
final class SupervisionCheck {

    private SupervisionCheck() {}

    /**
     * Looks at every step of a run.
     *
     * @throws IllegalArgumentException if nothing of a step is supervised
     */
    static void run(Model<?> model, Objective objective, TrainingPlan plan, BatchSource source) {
        if (everyRowTeaches(model, objective, plan, source)) {
            return;
        }
        for (long step = 0; step < plan.steps(); step++) {
            long supervised = 0;
            List<String> batches = new ArrayList<>();
            for (TrainingPlan.Place place : plan.places(step)) {
                BatchSource.MicroBatch batch = source.batch(place.epoch(), place.index());
                batches.add(batch.toString());
                supervised += objective.items(model, batch.rows());
            }
            if (supervised == 0) {
                throw new IllegalArgumentException(
                        "no " + objective.item() + " of step " + (step + 1) + " is supervised ("
                                + String.join(", ", batches) + "): all labels that count are " + Row.Target.IGNORED
                                + ". The label of a row's first token counts only if virtual tokens precede it. Leave these rows"
                                + " out, or make batches larger");
            }
        }
    }

    /** If so, no order of them can make an empty step: the usual case, for the price of one pass over the labels. */
    private static boolean everyRowTeaches(Model<?> model, Objective objective, TrainingPlan plan, BatchSource source) {
        for (long i = 0; i < plan.batchesPerEpoch(); i++) {
            for (Row row : source.batch(0, i).rows().rows()) {
                if (objective.items(model, new Batch(List.of(row))) == 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
