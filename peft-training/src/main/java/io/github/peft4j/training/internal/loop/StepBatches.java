package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.internal.state.RunState;
import io.github.peft4j.training.internal.state.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The micro-batches of a run, step by step, and how long it waited for them. */
final class StepBatches {

    private final TrainingPlan plan;
    private final BatchSource source;
    private final SupervisionCheck supervision;
    private @Nullable List<BatchSource.MicroBatch> first;
    private double waited;

    StepBatches(TrainingPlan plan, BatchSource source, SupervisionCheck supervision) {
        this.plan = plan;
        this.source = source;
        this.supervision = supervision;
    }

    /**
     * Those of a step that is to be taken.
     *
     * @param step steps done before it
     * @throws DataException if rows cannot be used, or nothing of the step is supervised
     */
    List<BatchSource.MicroBatch> next(long step) throws IOException {
        long start = System.nanoTime();
        try {
            List<BatchSource.MicroBatch> batches = of(step);
            supervision.check(step, batches);
            return batches;
        } finally {
            waited += (System.nanoTime() - start) / 1e9;
        }
    }

    /** Those of the first step. */
    List<BatchSource.MicroBatch> first() {
        try {
            return first == null ? of(0) : first;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<BatchSource.MicroBatch> of(long step) throws IOException {
        List<BatchSource.MicroBatch> batches = new ArrayList<>();
        for (TrainingPlan.Place place : plan.places(step)) {
            batches.add(source.batch(place.epoch(), place.index()));
        }
        first = step == 0 ? batches : first;
        return batches;
    }

    /**
     * What the time was spent on rows, as a share.
     *
     * @param computed seconds of the steps
     */
    double share(double computed) {
        return computed > 0 ? waited / (waited + computed) : 0;
    }

    /** What a later run needs to go on with a step, as JSON. */
    Map<String, Object> mark(long step) {
        return source.mark(plan.places(step).get(0).index());
    }

    /**
     * Goes on where another run stood.
     *
     * @throws CheckpointException if it cannot have stood there
     */
    void recall(RunState state, Path checkpoint) throws CheckpointException {
        try {
            source.recall(state.data());
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    checkpoint.resolve(RunState.FILE) + ": the place in the data cannot be: " + e.getMessage(), e);
        }
    }
}
