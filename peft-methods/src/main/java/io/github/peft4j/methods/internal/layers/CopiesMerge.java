package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.kernel.Weight;
import java.util.Map;

/**
 * Merging for methods whose trained weights stand in the place of the model's own: there is nothing to compute, the copies are the merged
 * weights. Until they are unmerged the adapter counts as part of the model.
 */
public final class CopiesMerge implements Adapter.Mergeable {

    private final String adapterName;
    private final TrainedCopies trained;
    private boolean merged;

    /** Merges these copies of the adapter of this name. */
    public CopiesMerge(String adapterName, TrainedCopies trained) {
        this.adapterName = adapterName;
        this.trained = trained;
    }

    @Override
    public WeightChange merge() {
        if (merged) {
            return WeightChange.NONE;
        }
        trained.copies().forEach(this::requireFinite);
        merged = true;
        return trained.copies().values().stream().map(TrainedCopy::change).reduce(WeightChange.NONE, WeightChange::and);
    }

    private void requireFinite(String path, TrainedCopy copy) {
        for (Map.Entry<String, Weight> entry : copy.weights().entrySet()) {
            Weight weight = entry.getValue();
            if (!weight.scope().kernels().allFinite(weight.array())) {
                throw new IllegalStateException("NaNs detected in the merged weights. The adapter " + adapterName
                        + " seems to be broken (" + path + "." + entry.getKey() + ")");
            }
        }
    }

    @Override
    public void unmerge() {
        merged = false;
    }

    @Override
    public boolean isMerged() {
        return merged;
    }
}
