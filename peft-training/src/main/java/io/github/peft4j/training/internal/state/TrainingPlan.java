package io.github.peft4j.training.internal.state;

import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Which micro-batches make up which step, as transformers' {@code Trainer} divides them: steps do not reach over the end of a pass, so
 * the last step of a pass may have fewer.
 *
 * @param steps steps of the whole run
 * @param batchesPerEpoch micro-batches of a pass
 * @param accumulation micro-batches of a step
 */
public record TrainingPlan(long steps, long batchesPerEpoch, int accumulation) {

    /** A micro-batch's place. */
    public record Place(long epoch, long index) {}

    public static TrainingPlan of(TrainingConfig config, BatchSource source) {
        long batches = source.batchesPerEpoch();
        if (batches < 1) {
            throw new IllegalArgumentException("there are no batches to train on");
        }
        TrainingPlan oneStep = new TrainingPlan(1, batches, config.accumulation());
        long steps = config.steps() > 0 ? config.steps() : (long) Math.ceil(config.epochs() * oneStep.stepsPerEpoch());
        return new TrainingPlan(steps, batches, config.accumulation());
    }

    long stepsPerEpoch() {
        return (batchesPerEpoch + accumulation - 1) / accumulation;
    }

    /** The micro-batches of a step, the first of which has number 0. */
    public List<Place> places(long step) {
        long epoch = step / stepsPerEpoch();
        long first = step % stepsPerEpoch() * accumulation;
        List<Place> places = new ArrayList<>();
        for (long i = first; i < Math.min(batchesPerEpoch, first + accumulation); i++) {
            places.add(new Place(epoch, i));
        }
        return places;
    }

    /** Passes over the data after some steps, for example 1.5. */
    public double epochs(long stepsDone) {
        long whole = stepsDone / stepsPerEpoch();
        long batches = Math.min(batchesPerEpoch, stepsDone % stepsPerEpoch() * accumulation);
        return whole + (double) batches / batchesPerEpoch;
    }
}
