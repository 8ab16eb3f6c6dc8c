package io.github.peft4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * What travels between processes that train one model together, each on its own rows: once per step, before clipping, the sum of a few
 * numbers and the sum of the gradients. For an adapter these are a few megabytes, and all there is to exchange.
 *
 * <p>All processes call in the same order with lists of the same shapes. Since every process then takes the same step, their weights stay
 * equal without being sent.
 */
public interface GradientExchange {

    /** A process that trains alone: sums are what they are. */
    GradientExchange LOCAL = new GradientExchange() {
        @Override
        public double[] sum(double... values) {
            return values;
        }

        @Override
        public void sumInto(List<NDArray> gradients) {
            // One process: nothing to add.
        }
    };

    /** The sums of each value over all processes. */
    double[] sum(double... values);

    /** Replaces every array by its sum over all processes, in place. */
    void sumInto(List<NDArray> gradients);
}
