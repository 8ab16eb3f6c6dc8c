package io.github.peft4j.core.method;

/** An adapter that can become part of the model's own weights. */
public interface Mergeable {

    /**
     * Puts the adapter into the weights, computed in float32; nothing changes if it is merged already.
     *
     * @return what changed, nothing if it was merged already
     * @throws IllegalStateException if a merged weight would not be finite, or cannot hold the change; nothing is changed then
     */
    WeightChange merge();

    /** Takes it out again; exactly, since the former weights are kept while merged. */
    void unmerge();

    /** Whether it is merged now. */
    boolean isMerged();
}
