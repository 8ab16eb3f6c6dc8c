package io.github.peft4j.core.method.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.Map;

/** An adapter whose values can be exchanged for a saved one's while it stays where it is. */
public interface Swappable {

    /**
     * Takes over another adapter's values.
     *
     * @param saved of the same method
     * @param tensors names in the file by this adapter's keys; all of the file's are there, but some of the adapter's may not be
     * @throws CheckpointException if the adapter does not fit or cannot be read; nothing is changed then
     */
    void swap(SavedAdapter saved, Map<String, String> tensors) throws CheckpointException;
}
