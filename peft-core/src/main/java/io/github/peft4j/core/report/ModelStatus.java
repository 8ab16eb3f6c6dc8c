package io.github.peft4j.core.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What adapters a model has and what they are doing: Hugging Face PEFT's {@code TunerModelStatus}. Whether an adapter is active or merged
 * is the same in all layers here.
 *
 * @param baseModelType Hugging Face's class of the base model
 * @param peftTypes the adapters' methods by name
 * @param parameters how many parameters there are and are trained
 * @param adapterLayers number of layers that adapters change
 * @param enabled whether any adapter is active
 * @param activeAdapters names of those that are
 * @param mergedAdapters names of those that are merged into the weights, sorted
 * @param requiresGrad whether an adapter's parameters are trained, by name
 * @param availableAdapters names of all, sorted
 * @param devices where their parameters lie, {@code cpu} or {@code cuda}, by name
 * @param adapters adapter by adapter, in the order they were added
 * @param layers layer by layer, in the model's order
 */
public record ModelStatus(
        String baseModelType,
        Map<String, String> peftTypes,
        Parameters parameters,
        int adapterLayers,
        boolean enabled,
        List<String> activeAdapters,
        List<String> mergedAdapters,
        Map<String, Trained> requiresGrad,
        List<String> availableAdapters,
        Map<String, List<String>> devices,
        List<OfAdapter> adapters,
        List<OfLayer> layers) {

    /**
     * Of an adapter.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public OfAdapter adapter(String name) {
        return adapters.stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Adapter " + name + " does not exist; there are " + availableAdapters));
    }

    /** What there is, in a few lines for people. */
    @Override
    public String toString() {
        return baseModelType + " with " + adapters.size()
                + (adapters.size() == 1 ? " adapter" : " adapters")
                + adapters.stream().map(status -> "\n" + status).collect(Collectors.joining());
    }

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

    /**
     * What an adapter is and where it sits.
     *
     * @param name its name
     * @param peftType its method
     * @param active whether the model computes with it
     * @param trainable whether training changes it
     * @param merged whether it is merged into the weights now
     * @param byRows whether rows of a batch can choose it while others choose another, or none
     * @param vocabSize how many tokens the model has with it: the checkpoint's number, unless it came with tables of another vocabulary, which are
     *     the model's while it is active
     * @param parameters number of values that are saved
     * @param modules names of its parameters by the module that they are for; the empty path is the model itself
     */
    public record OfAdapter(
            String name,
            String peftType,
            boolean active,
            boolean trainable,
            boolean merged,
            boolean byRows,
            int vocabSize,
            long parameters,
            Map<String, List<String>> modules) {

        /** Copies the map. */
        public OfAdapter {
            modules = Collections.unmodifiableMap(new LinkedHashMap<>(modules));
        }

        /** A few lines for people: modules that differ only in numbers stand on one. */
        @Override
        public String toString() {
            Map<String, Integer> places = new TreeMap<>();
            modules.forEach((path, names) -> {
                String shape = path.replaceAll("(?<=^|\\.)\\d+(?=\\.|$)", "N");
                places.merge((shape.isEmpty() ? "(model)" : shape) + ": " + String.join(", ", names), 1, Integer::sum);
            });
            String head = String.format(
                    Locale.ROOT,
                    "%s: %s, %s, %s%s, %,d parameters",
                    name,
                    peftType,
                    active ? "active" : "not active",
                    trainable ? "trainable" : "frozen",
                    merged ? ", merged" : "",
                    parameters);
            return head
                    + places.entrySet().stream()
                            .map(place ->
                                    "\n  " + place.getKey() + (place.getValue() > 1 ? " x " + place.getValue() : ""))
                            .collect(Collectors.joining());
        }
    }

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
    public record OfLayer(
            String path,
            String layerType,
            boolean enabled,
            List<String> activeAdapters,
            List<String> mergedAdapters,
            Map<String, Trained> requiresGrad,
            List<String> availableAdapters,
            Map<String, List<String>> devices) {}

    /**
     * How many parameters are trained.
     *
     * @param trainable parameters that training changes
     * @param all parameters of base model and adapters together, shared ones once
     */
    public record Parameters(long trainable, long all) {

        private static final int DIGITS = 4;

        /** The line that Hugging Face PEFT's {@code print_trainable_parameters} prints. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "trainable params: %,d || all params: %,d || trainable%%: %s",
                    trainable,
                    all,
                    percentage().toPlainString());
        }

        /** Rounded as Python does: by the number's exact value, and halves to the even digit. */
        private BigDecimal percentage() {
            return new BigDecimal(all == 0 ? 0 : 100.0 * trainable / all).setScale(DIGITS, RoundingMode.HALF_EVEN);
        }
    }
}
