package io.github.peft4j.core.method.internal;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.Combination;
import java.util.List;

/** A method several of whose adapters can become one, each with a weight. */
public interface Combinable {

    /**
     * One of the adapters.
     *
     * @param name its name, for messages
     * @param adapter of this method
     * @param weight finite, of any sign
     */
    record Part(String name, Adapter adapter, double weight) {}

    /**
     * The config of the adapter that they become; nothing is changed yet.
     *
     * @param parts at least one, in the order in which they came to the model; no two of them train copies of the same layer
     * @throws IllegalArgumentException if the adapters do not go together
     * @throws UnsupportedOperationException if the method has no such combination
     */
    PeftConfig combinedConfig(List<Part> parts, Combination how);

    /**
     * Fills a new adapter of that config.
     *
     * @throws IllegalArgumentException if the adapters do not go together
     */
    void fill(Adapter combined, List<Part> parts, Combination how);
}
