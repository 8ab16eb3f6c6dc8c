package io.github.peft4j.core.report;

import java.util.List;
import java.util.Map;

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
 * @param layers layer by layer, in the model's order
 */
public record ModelStatus(
        String baseModelType,
        Map<String, String> peftTypes,
        ParameterReport parameters,
        int adapterLayers,
        boolean enabled,
        List<String> activeAdapters,
        List<String> mergedAdapters,
        Map<String, LayerStatus.Trained> requiresGrad,
        List<String> availableAdapters,
        Map<String, List<String>> devices,
        List<LayerStatus> layers) {}
