package io.github.peft4j.models.tokens.internal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Scores of every token of the vocabulary to be the one that is hidden, at every place of a row: a transform, and a linear layer whose weight
 * may be the token embedding's. Follows transformers' {@code ...ForMaskedLM}.
 */
public final class MaskedHead extends Head {

    /** The task's name. */
    public static final String TASK = "masked-lm";

    private MaskedHead(Layout layout, @Nullable Transform transform, Linear layer, Head.Origin origin) {
        super(transform, layout.name(), layer, origin);
        Weight bias = layer.bias();
        if (layout.biasHolder() != null && bias != null) {
            weight(layout.biasHolder(), bias);
        }
    }

    /**
     * This head on an architecture; asked for, it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code BertForMaskedLM}
     */
    public static Head.Kind<MaskedHead> kind(String className, Layout layout) {
        return new Head.Kind<>(
                MaskedHead.class,
                className,
                Head.Kind.sameArchitecture(className),
                layout.unused(),
                source -> build(source, className, layout));
    }

    private static MaskedHead build(Head.Kind.Source source, String className, Layout layout) {
        ModelConfig sizes = source.config();
        Weights layer = source.root().at(layout.name());
        String holder = layout.biasHolder() == null ? layout.name() : layout.biasHolder();
        if (sizes.tied()) {
            layer.tie(source.tokenEmbedding(), "weight");
        }
        if (layout.biasHolder() != null) {
            layer.tie(source.root().at(holder), "bias");
        }
        Transform transform = layout.transform().apply(source);
        Linear unbiased = source.layers().linear(layer, layout.name(), sizes.embeddingSize(), sizes.vocabSize(), false);
        Weight bias = layout.biased().test(source)
                ? source.layers().bias(source.root().at(holder), holder + ".bias", sizes.vocabSize())
                : null;
        return new MaskedHead(layout, transform, Linear.of(unbiased.weight(), bias), source.origin(className));
    }

    @Override
    public String task() {
        return TASK;
    }

    @Override
    public boolean predictsTokens() {
        return true;
    }

    @Override
    public Objective objective() {
        return LabelledTokens.OBJECTIVE;
    }

    /**
     * What an architecture calls the parts of this head.
     *
     * @param name of the output layer
     * @param biasHolder the module under whose name files have that layer's bias, or null for the layer itself
     * @param biased whether it has a bias
     * @param transform what becomes of hidden states before it
     * @param unused full names of tensors that checkpoints may hold for other heads
     */
    public record Layout(
            String name,
            @Nullable String biasHolder,
            Predicate<Head.Kind.Source> biased,
            Function<Head.Kind.Source, @Nullable Transform> transform,
            Pattern unused) {

        /** Of an output layer that has a bias in any case. */
        public Layout(
                String name,
                @Nullable String biasHolder,
                Function<Head.Kind.Source, @Nullable Transform> transform,
                Pattern unused) {
            this(name, biasHolder, source -> true, transform, unused);
        }
    }
}
