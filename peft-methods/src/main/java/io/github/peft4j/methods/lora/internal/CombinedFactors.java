package io.github.peft4j.methods.lora.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.methods.lora.internal.update.LoraKernels;
import io.github.peft4j.methods.lora.internal.update.LoraLayer;
import io.github.peft4j.methods.lora.internal.update.LowRank;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** A and B of one layer's combined update, whose scale is 1. Everything made belongs to the scope of the work. */
final class CombinedFactors {

    private final Scope work;
    private final Kernels k;
    private final CombinationKernels kernels;
    private final Combination how;
    private final SplittableRandom random;
    private final String path;

    /** Prepares the combination of the layer at a path. */
    CombinedFactors(Scope work, Combination how, SplittableRandom random, String path) {
        this.work = work;
        this.k = work.kernels();
        this.kernels = new CombinationKernels(work);
        this.how = how;
        this.random = random;
        this.path = path;
    }

    /**
     * One adapter's update of the layer.
     *
     * @param a A, float32 [R, in]
     * @param b B, float32 [out, R]
     * @param scale of the product
     * @param weight of the adapter
     */
    record Term(NDArray a, NDArray b, double scale, double weight) {

        private double factor() {
            return scale * weight;
        }
    }

    /** An update of one or, where a share was taken out of the layer, two products, put side by side under the last one's scale. */
    static Term term(Scope work, Combinable.Part part, List<LoraLayer> layers) {
        Kernels k = work.kernels();
        double scale = layers.get(layers.size() - 1).update().scale();
        List<NDArray> a = new ArrayList<>();
        List<NDArray> b = new ArrayList<>();
        for (LoraLayer layer : layers) {
            LowRank update = layer.update();
            a.add(update.a().array());
            b.add(
                    update.scale() == scale
                            ? update.b().array()
                            : k.scale(update.b().array(), update.scale() / scale));
        }
        return new Term(
                a.size() == 1 ? a.get(0) : k.concat(a, 0),
                b.size() == 1 ? b.get(0) : k.concat(b, 1),
                scale,
                part.weight());
    }

    /**
     * A and B.
     *
     * @param rank that they may have at most
     */
    NDArray[] of(List<Term> terms, int rank) {
        if (how.kind() == Combination.Kind.CAT) {
            return sideBySide(terms);
        }
        return how.ofProducts() ? decomposed(terms, rank) : factorByFactor(terms);
    }

    private NDArray[] sideBySide(List<Term> terms) {
        List<NDArray> a =
                terms.stream().map(term -> k.scale(term.a, term.factor())).toList();
        List<NDArray> b = terms.stream().map(Term::b).toList();
        return new NDArray[] {k.concat(a, 0), k.concat(b, 1)};
    }

    private NDArray[] factorByFactor(List<Term> terms) {
        if (terms.stream()
                        .mapToLong(term -> term.a.getShape().get(0))
                        .distinct()
                        .count()
                > 1) {
            throw new IllegalArgumentException(CombinedConfig.UNEQUAL_RANKS + " At " + path + " they are "
                    + terms.stream().map(term -> term.a.getShape().get(0)).toList() + ".");
        }
        List<Double> roots =
                terms.stream().map(term -> Math.sqrt(Math.abs(term.factor()))).toList();
        List<Double> signed = terms.stream()
                .map(term -> Math.copySign(Math.sqrt(Math.abs(term.factor())), term.factor()))
                .toList();
        return new NDArray[] {
            mixed(terms.stream().map(Term::a).toList(), signed),
            mixed(terms.stream().map(Term::b).toList(), roots)
        };
    }

    private NDArray[] decomposed(List<Term> terms, int rank) {
        List<NDArray> changes = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (Term term : terms) {
            // Signs are elected by each adapter's change itself: its scale belongs to that, its weight does not.
            NDArray change = k.matmul(term.b, term.a);
            k.scaleInto(change, term.scale);
            changes.add(change);
            weights.add(term.weight);
        }
        NDArray[] usv = LoraKernels.of(work).svd(mixed(changes, weights));
        long kept = Math.min(rank, usv[1].getShape().get(0));
        NDArray[] ab = kernels.factors(
                k.narrow(usv[0], 1, 0, kept), k.narrow(usv[1], 0, 0, kept), k.narrow(usv[2], 0, 0, kept));
        if (how.svdClamp() == null) {
            return ab;
        }
        double quantile = Objects.requireNonNull(how.svdClamp());
        return new NDArray[] {
            kernels.clamped(ab[0], ab[0], ab[1], quantile), kernels.clamped(ab[1], ab[0], ab[1], quantile)
        };
    }

    /** What the kind of combination makes of arrays of one shape. */
    private NDArray mixed(List<NDArray> values, List<Double> weights) {
        List<NDArray> kept = how.kind().prunes() && how.density() < 1
                ? values.stream().map(this::pruned).toList()
                : values;
        List<NDArray> weighted = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            weighted.add(k.scale(kept.get(i), weights.get(i)));
        }
        if (how.kind().electsSigns()) {
            return kernels.elected(kept, weighted, how.majoritySign() == Combination.MajoritySign.TOTAL);
        }
        NDArray sum = weighted.get(0);
        weighted.subList(1, weighted.size()).forEach(addend -> k.addInto(sum, addend));
        return sum;
    }

    private NDArray pruned(NDArray values) {
        return how.kind().draws()
                ? k.dropout(values, 1 - how.density(), random.nextLong())
                : kernels.largest(
                        values, (long) (how.density() * values.getShape().size()));
    }

    /** The same with zeros up to a size. */
    static NDArray padded(Scope work, NDArray values, int dimension, long size) {
        long[] shape = values.getShape().getShape().clone();
        if (shape[dimension] == size) {
            return values;
        }
        shape[dimension] = size;
        NDArray padded = work.zeros(Precision.FLOAT32, shape);
        work.kernels().copyInto(padded, dimension, 0, values);
        return padded;
    }
}
