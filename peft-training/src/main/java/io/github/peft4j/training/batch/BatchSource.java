package io.github.peft4j.training.batch;

/**
 * Training data cut into micro-batches. The same place always holds the same micro-batch, so that a run can be resumed anywhere.
 */
public interface BatchSource {

    /** Micro-batches of one pass over the data, at least 1. */
    long batchesPerEpoch();

    /**
     * The micro-batch at a place.
     *
     * @param epoch passes before this one
     * @param index place within the pass
     */
    MicroBatch batch(long epoch, long index);

    /** What tells this data from other data: a run is resumed only with the same. */
    String fingerprint();
}
