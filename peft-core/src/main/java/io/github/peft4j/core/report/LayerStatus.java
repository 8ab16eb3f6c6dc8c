package io.github.peft4j.core.report;

import java.util.List;
import java.util.Map;

/**
 * What adapters do to one layer: Hugging Face PEFT's {@code TunerLayerStatus}.
 *
 * @param path of the layer in the base model; empty for what concerns the model as a whole, as prompts do
 * @param layerType class of the base model's layer
 * @param enabled whether any adapter is active in the model
 * @param activeAdapters names of the model's active adapters, those that do nothing here included
 * @param mergedAdapters those that are merged into this layer's weights
 * @param requiresGrad whether this layer's parameters of an adapter are trained, by the adapter's name
 * @param availableAdapters those that are here, sorted
 * @param devices where their parameters lie, {@code cpu} or {@code cuda}, by the adapter's name
 */
public record LayerStatus(
        String path,
        String layerType,
        boolean enabled,
        List<String> activeAdapters,
        List<String> mergedAdapters,
        Map<String, Trained> requiresGrad,
        List<String> availableAdapters,
        Map<String, List<String>> devices) {

    /** Whether parameters are trained. */
    public enum Trained {
        /** All of them. */
        YES,
        /** None. */
        NO,
        /** Some are and some are not, which Hugging Face calls irregular. */
        IRREGULAR;

        /** Of parameters some or all of which are trained. */
        public static Trained of(boolean some, boolean all) {
            return all ? YES : some ? IRREGULAR : NO;
        }

        /** Of these parameters and others together. */
        public Trained and(Trained other) {
            return this == other ? this : IRREGULAR;
        }
    }
}
