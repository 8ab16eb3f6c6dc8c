package io.github.peft4j.training.internal.state;

import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Which micro-batches make up which step, as transformers' {@code Trainer} divides them: steps do not reach over the end of a pass, so
 * the last step of a pass may have fewer. Safe for use by one thread.
 */
public final class TrainingPlan {

    private final long steps;
    private final LongUnaryOperator batches;
    private final int accumulation;
    /** The first step of each pass, of those that were looked at. */
    private final List<Long> starts = new ArrayList<>(List.of(0L));

    /** A micro-batch's place. */
    public record Place(long epoch, long index) {}

    private TrainingPlan(long steps, LongUnaryOperator batches, int accumulation) {
        this.steps = steps;
        this.batches = batches;
        this.accumulation = accumulation;
    }

    /**
     * A plan whose passes are all alike.
     *
     * @param steps steps of the whole run
     * @param batches micro-batches of a pass, or {@link BatchSource#ENDLESS}
     * @param accumulation micro-batches of a step
     */
    public static TrainingPlan ofPasses(long steps, long batches, int accumulation) {
        return new TrainingPlan(steps, epoch -> batches, accumulation);
    }

    /**
     * The plan of a run.
     *
     * @throws IllegalArgumentException if there is nothing to train on, or a run without an end
     */
    public static TrainingPlan of(TrainingConfig config, BatchSource source) {
        if (source.batches(0) < 1) {
            throw new IllegalArgumentException("there are no batches to train on");
        }
        if (config.steps() == 0 && source.batches(0) == BatchSource.ENDLESS) {
            throw new IllegalArgumentException(
                    "rows that are streamed have no known number, so the run needs a number of"
                            + " steps instead of passes over the data");
        }
        TrainingPlan plan = new TrainingPlan(config.steps(), source::batches, config.accumulation());
        return config.steps() > 0
                ? plan
                : new TrainingPlan(plan.steps(config.epochs()), source::batches, config.accumulation());
    }

    /** Steps of so many passes, of which the last may be broken off. */
    private long steps(double epochs) {
        long whole = (long) epochs;
        long broken = stepsOf(whole);
        return start(whole) + Math.max(0, (long) Math.ceil(epochs * broken) - whole * broken);
    }

    /** Steps of the whole run. */
    public long steps() {
        return steps;
    }

    /** Micro-batches of the first pass; {@link BatchSource#ENDLESS} if it never ends. */
    public long batchesOfFirst() {
        return batches.applyAsLong(0);
    }

    /** Micro-batches of a step. */
    public int accumulation() {
        return accumulation;
    }

    private long stepsOf(long epoch) {
        long count = batches.applyAsLong(epoch);
        return count / accumulation + (count % accumulation == 0 ? 0 : 1);
    }

    /** The first step of a pass. */
    private long start(long epoch) {
        while (starts.size() <= epoch) {
            starts.add(starts.get(starts.size() - 1) + stepsOf(starts.size() - 1L));
        }
        return starts.get((int) epoch);
    }

    /** The pass that a step is in. */
    private long epoch(long step) {
        while (step - starts.get(starts.size() - 1) >= stepsOf(starts.size() - 1L)) {
            start(starts.size());
        }
        int last = starts.size() - 1;
        while (starts.get(last) > step) {
            last--;
        }
        return last;
    }

    /** The micro-batches of a step, the first of which has number 0. */
    public List<Place> places(long step) {
        long epoch = epoch(step);
        long first = (step - start(epoch)) * accumulation;
        List<Place> places = new ArrayList<>();
        for (long i = first; i < Math.min(batches.applyAsLong(epoch), first + accumulation); i++) {
            places.add(new Place(epoch, i));
        }
        return places;
    }

    /** Passes over the data after some steps, for example 1.5; of a pass that never ends the run is one, as with transformers. */
    public double epochs(long stepsDone) {
        if (batchesOfFirst() == BatchSource.ENDLESS) {
            return (double) stepsDone / steps;
        }
        long whole = epoch(stepsDone);
        long count = batches.applyAsLong(whole);
        return whole + (double) Math.min(count, (stepsDone - start(whole)) * accumulation) / count;
    }
}
