package io.github.peft4j.training.estimate.internal;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.internal.DistinctWeights;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.internal.state.TrainedAdapters;
import io.github.peft4j.training.internal.state.TrainedModel;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Counts what training takes of a model of which it is settled what is trained, for runs of whatever sizes. Not safe for concurrent use. */
public final class MemoryCount {

    /** A gradient and two moments. */
    private static final int PER_TRAINED = 3 * Float.BYTES;

    private final Model<?> model;
    private final Set<Weight> added;
    private final Set<Weight> trained;
    private final NavigableSet<String> paths = new TreeSet<>();

    private MemoryCount(Model<?> model, Set<Weight> added, Set<Weight> trained) {
        this.model = model;
        this.added = added;
        this.trained = trained;
        model.weightsByPath().forEach((path, weight) -> {
            if (trained.contains(weight)) {
                paths.add(path);
            }
        });
    }

    /**
     * What is trainable is trained: of the active adapter, or of the model if there is none; if nothing is so yet, all of it.
     *
     * @param peft the model's adapter, or null if weights of the model's own are trained
     */
    public static MemoryCount of(Model<?> model, @Nullable PeftModel<?> peft) {
        Set<Weight> added = added(peft);
        Set<Weight> all = peft == null ? same(DistinctWeights.of(model).values()) : added;
        Set<Weight> trained = same(all);
        trained.removeIf(weight -> !weight.trainable());
        return new MemoryCount(model, added, trained.isEmpty() ? all : trained);
    }

    /**
     * What groups do not freeze is trained; weights of the model's own are left as they are, so that they may be blank.
     *
     * @param peft the model's adapter, trainable, or null if weights of the model's own are trained
     * @throws IllegalArgumentException if nothing is left to train, or the groups are for what is not there
     */
    public static MemoryCount of(Model<?> model, @Nullable PeftModel<?> peft, ParameterGroups groups) {
        if (peft != null) {
            return new MemoryCount(
                    model,
                    added(peft),
                    same(TrainedAdapters.of(peft, groups).weights().values()));
        }
        Map<String, Weight> all = DistinctWeights.of(model);
        all.keySet().removeAll(TrainedModel.frozen(model, groups));
        return new MemoryCount(model, Set.of(), same(all.values()));
    }

    private static Set<Weight> added(@Nullable PeftModel<?> peft) {
        Set<Weight> added = same(Set.of());
        if (peft != null) {
            added.addAll(peft.adapter().parameters().values());
            added.addAll(peft.adapter().trainable().values());
        }
        return added;
    }

    private static Set<Weight> same(Collection<Weight> weights) {
        Set<Weight> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(weights);
        return all;
    }

    /** What a run takes. */
    public MemoryEstimate estimate(MemoryEstimate.Run run) {
        int width = (run.precision() == null ? model.precision() : run.precision()).bytes();
        Set<Weight> own = same(model.weightsByPath().values());
        own.removeAll(added);
        Set<Weight> frozen = same(own);
        frozen.removeAll(trained);
        long weights = Float.BYTES * (size(own) - size(frozen)) + width * size(frozen);
        if (run.quantization() != null) {
            Set<Weight> packed = same(model.anatomy().linears().stream()
                    .map(layer -> ((Linear) Wrapper.innermost(model.at(layer.path()))).weight())
                    .toList());
            packed.retainAll(frozen);
            weights -= (long) (size(packed) * (width - run.quantization().bytesPerValue()));
        }
        return new MemoryEstimate(
                weights,
                Float.BYTES * size(added),
                PER_TRAINED * size(trained),
                new PassingMemory(model, paths, run, width).bytes(),
                MemoryEstimate.RUNTIME);
    }

    /** The positions that the model was made for, those that an adapter takes left out; a great number if it names none. */
    public int positions() {
        int most = model.anatomy().maxPositions();
        return most == 0 ? Integer.MAX_VALUE : Math.max(1, most - model.positionsBefore());
    }

    /** The model's number format. */
    public Precision precision() {
        return model.precision();
    }

    private static long size(Collection<Weight> weights) {
        return weights.stream().mapToLong(Weight::size).sum();
    }
}
