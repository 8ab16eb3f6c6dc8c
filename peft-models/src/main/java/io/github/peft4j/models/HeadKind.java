package io.github.peft4j.models;

import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A head that an architecture can have: how it is found in checkpoints and built.
 *
 * @param type its class
 * @param className Hugging Face's class of the architecture with this head, for example {@code LlamaForCausalLM}
 * @param reads whether a checkpoint of one of Hugging Face's classes can be loaded with this head
 * @param unused full names of tensors that such checkpoints may hold and that are not used
 * @param builder takes the head's weights
 */
public record HeadKind<H extends Head>(
        Class<H> type, String className, Predicate<String> reads, Pattern unused, Builder<H> builder) {

    /** Takes a head's weights. */
    @FunctionalInterface
    public interface Builder<H extends Head> {

        /** Builds it; problems with tensors are noted in the weights. */
        H build(Source source);
    }

    /**
     * What a head is built from.
     *
     * @param json the checkpoint's config, with what the caller says otherwise
     * @param config its sizes
     * @param root the checkpoint's root, where the head is
     * @param tokenEmbedding where the token embedding's weight is, for a head that shares it
     * @param seed of what is drawn at random
     */
    public record Source(ConfigJson json, ModelConfig config, Weights root, Weights tokenEmbedding, long seed) {}

    /** The same, which reads checkpoints of another of Hugging Face's classes too. */
    public HeadKind<H> reading(String other) {
        return new HeadKind<>(type, className, reads.or(other::equals), unused, builder);
    }

    /** The architecture's name in Hugging Face's classes, for example {@code Llama}. */
    public static String architecture(String className) {
        return className.replaceFirst("(For|LMHead)\\w+$", "");
    }
}
