package io.github.peft4j.training.optimizer.internal;

import io.github.peft4j.training.optimizer.ParameterGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which weights of a run learn at rates, or decay, of their own. A weight is in the first group whose pattern names it; in
 * none, it has the run's rate and decay, or those of LoRA+. Whether in a group or not, rates get smaller by {@code layerDecay} with every
 * block further down, but those that a group or LoRA+ gives as such.
 *
 * @param groups in the order in which they are tried
 * @param layerDecay what a rate is multiplied by per block from the top, above 0 and at most 1: once for the last block, and once
 *     more than there are blocks for what comes before the first; not for what comes behind the last, nor for what is in no block, as virtual
 *     tokens. 1 for none. BEiT's rule; ELECTRA's has one power more for all but the head
 * @param loraPlus rates by factor, or null
 * @param lastBlocks how many blocks are trained of a whole model, the last ones and what comes behind them; 0 for the head alone, null for
 *     all there is
 * @see <a href="https://arxiv.org/abs/2003.10555">Clark et al. 2020, appendix A</a>
 */
public record ParameterGroups(
        List<ParameterGroup> groups,
        double layerDecay,
        @Nullable LoraPlus loraPlus,
        @Nullable Integer lastBlocks) {

    /** All weights alike. */
    public static final ParameterGroups NONE = new ParameterGroups(List.of(), 1, null, null);

    /**
     * Rates of low-rank updates: the second factor, and every vector, learns at {@code ratio} times the run's rate. Decay is for all
     * matrices, and for vectors but biases and those of layer norms. PEFT's {@code create_loraplus_optimizer}.
     *
     * @param ratio above 0; usually well above 1
     * @param embeddingRate the highest rate of updates of embeddings
     * @see <a href="https://arxiv.org/abs/2402.12354">Hayou et al. 2024</a>
     */
    public record LoraPlus(double ratio, double embeddingRate) {

        /** PEFT's default of {@code loraplus_lr_embedding}. */
        public static final double EMBEDDING_RATE = 1e-6;

        /** Checks the ranges. */
        public LoraPlus {
            if (!(ratio > 0 && Double.isFinite(ratio))) {
                throw new IllegalArgumentException("the ratio of LoRA+ must be above 0, got " + ratio);
            }
            if (!(embeddingRate >= 0 && Double.isFinite(embeddingRate))) {
                throw new IllegalArgumentException(
                        "the learning rate of LoRA+ for embeddings must be at least 0, got " + embeddingRate);
            }
        }
    }

    /** Checks the ranges. */
    public ParameterGroups {
        groups = List.copyOf(groups);
        if (!(layerDecay > 0 && layerDecay <= 1)) {
            throw new IllegalArgumentException(
                    "layer decay must be above 0 and at most 1 (1: none), got " + layerDecay);
        }
        if (lastBlocks != null && lastBlocks < 0) {
            throw new IllegalArgumentException(
                    "layers to train must be at least 0 (0: the head alone), got " + lastBlocks);
        }
    }

    /** These, and one more that is tried last. */
    public ParameterGroups and(ParameterGroup group) {
        return new ParameterGroups(
                Stream.concat(groups.stream(), Stream.of(group)).toList(), layerDecay, loraPlus, lastBlocks);
    }

    /** The same with another decay by depth. */
    public ParameterGroups withLayerDecay(double decay) {
        return new ParameterGroups(groups, decay, loraPlus, lastBlocks);
    }

    /** The same with rates by factor. */
    public ParameterGroups withLoraPlus(LoraPlus rates) {
        return new ParameterGroups(groups, layerDecay, rates, lastBlocks);
    }

    /** The same for the last blocks of a whole model. */
    public ParameterGroups withLastBlocks(int blocks) {
        return new ParameterGroups(groups, layerDecay, loraPlus, blocks);
    }

    /** What a run's numbers depend on, by name; nothing if all weights are alike. */
    public Map<String, Object> decisive() {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (!groups.isEmpty()) {
            settings.put(
                    "parameter_groups",
                    groups.stream().map(ParameterGroup::settings).toList());
        }
        if (layerDecay != 1) {
            settings.put("layer_decay", layerDecay);
        }
        if (loraPlus != null) {
            settings.put("loraplus_lr_ratio", loraPlus.ratio);
            settings.put("loraplus_lr_embedding", loraPlus.embeddingRate);
        }
        if (lastBlocks != null) {
            settings.put("layers_to_train", lastBlocks);
        }
        return settings;
    }
}
