package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;

/**
 * The factors of an embedding's update, and those of the output layer that is tied to it: the one's A is the other's B, transposed.
 *
 * <p>They share their memory and nothing else. Each has its own gradient, and an optimiser's step moves both in turn: so it comes about in
 * Hugging Face PEFT, where they are two parameters over one storage.
 *
 * @param embedding A [R, V], B [D, R]
 * @param head A [R, D], B [V, R]
 */
public record TiedFactors(LowRank embedding, LowRank head) {

    /** Lets both have the embedding's values from now on. */
    public void shareEmbeddings() {
        head.a().shareTransposed(embedding.b());
        head.b().shareTransposed(embedding.a());
    }

    /** Lets both have the output layer's values from now on. */
    public void shareHeads() {
        assignTransposed(embedding.b(), head.a());
        assignTransposed(embedding.a(), head.b());
        shareEmbeddings();
    }

    private static void assignTransposed(Weight target, Weight source) {
        try (NDArray turned = source.scope().kernels().transpose(source.array())) {
            target.assign(turned);
        }
    }

    /** Whether the values of both are the same. */
    public boolean agree() {
        return agree(embedding.b(), head.a()) && agree(embedding.a(), head.b());
    }

    private static boolean agree(Weight one, Weight other) {
        Kernels k = one.scope().kernels();
        try (NDArray turned = k.transpose(other.array());
                NDArray difference = k.subtract(one.array(), turned)) {
            return k.maxAbs(difference) == 0;
        }
    }
}
