package io.github.peft4j.methods.lora.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraLayer;
import io.github.peft4j.methods.lora.internal.update.LowRank;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes one LoRA adapter of several, as Hugging Face PEFT's {@code add_weighted_adapter} does.
 *
 * <p>The new adapter's scale is 1: theirs, and the weights, are in its factors. Where PEFT leaves something out, this does not: layers
 * that only some of the adapters are for, though others exclude them; a bias of B; layers trained whole, if one adapter alone has them;
 * what PiSSA and OLoRA took out of the base weights, which doubles such an adapter's rank.
 *
 * <p>The kinds that work factor by factor multiply A by \(\pm\sqrt{|w s|}\) and B by \(\sqrt{|w s|}\), so that their products have cross
 * terms; {@code cat} and {@code svd} are of the sum \(\sum w_i s_i B_i A_i\) itself.
 *
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/lora/model.py">add_weighted_adapter</a>
 */
final class LoraCombinable implements Combinable {

    @Override
    public LoraConfig combinedConfig(List<Part> parts, Combination how) {
        return CombinedConfig.of(parts, how);
    }

    @Override
    public void fill(Adapter combined, List<Part> parts, Combination how) {
        LoraAdapter target = (LoraAdapter) combined;
        SplittableRandom random = new SplittableRandom(how.seed());
        target.updates().forEach((path, owners) -> fill(path, owners, parts, how, random));
        copyOthers(target, parts);
    }

    private static void fill(
            String path, List<LoraLayer> owners, List<Part> parts, Combination how, SplittableRandom random) {
        LoraLayer owner = owners.get(owners.size() - 1);
        LowRank target = owner.update();
        Scope scope = target.a().scope();
        try (Scope work = scope.child()) {
            List<CombinedFactors.Term> terms = new ArrayList<>();
            for (Part part : parts) {
                List<LoraLayer> theirs =
                        ((LoraAdapter) part.adapter()).updates().get(path);
                if (theirs != null) {
                    terms.add(CombinedFactors.term(work, part, theirs));
                }
            }
            CombinedFactors factors = new CombinedFactors(work, how, random, path);
            int rank = (int) target.a().shape().get(0);
            NDArray[] ab = factors.of(terms, rank);
            target.a().assign(CombinedFactors.padded(work, ab[0], 0, rank));
            target.b().assign(CombinedFactors.padded(work, ab[1], 1, rank));
            fillBias(owner, path, parts, work.kernels());
        }
    }

    /** The bias of B is additive: its weighted sum is exact, whatever is done with the factors. */
    private static void fillBias(LoraLayer owner, String path, List<Part> parts, Kernels k) {
        Weight target = owner.biasOfB();
        if (target == null) {
            return;
        }
        NDArray sum = k.scale(target.array(), 0);
        for (Part part : parts) {
            List<LoraLayer> theirs = ((LoraAdapter) part.adapter()).updates().getOrDefault(path, List.of());
            for (LoraLayer layer : theirs) {
                Weight bias = layer.biasOfB();
                if (bias != null) {
                    k.addInto(
                            sum,
                            k.scale(bias.array(), part.weight() * layer.update().scale()));
                }
            }
        }
        target.assign(sum);
    }

    /** Layers and biases trained whole are those of the one adapter that has them. */
    private static void copyOthers(LoraAdapter target, List<Part> parts) {
        Map<String, Weight> others = new LinkedHashMap<>(target.wholeWeights());
        for (Part part : parts) {
            ((LoraAdapter) part.adapter()).wholeWeights().forEach((key, weight) -> {
                Weight copy = others.get(key);
                if (copy != null) {
                    copy.assign(weight.array());
                }
            });
        }
    }
}
