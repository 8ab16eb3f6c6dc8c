package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the heads of BERT and its kin are made of. */
public final class BertHeads {

    private static final String POOLER = "pooler.dense";

    private BertHeads() {}

    /**
     * A head that reads a row's first position.
     *
     * @param name of the output layer
     * @param transform what becomes of the hidden state before it
     * @param unused full names of tensors that checkpoints may hold for other heads
     */
    public static SequenceHead.Layout ofRows(
            String name, Function<Head.Kind.Source, @Nullable Transform> transform, Pattern unused) {
        return new SequenceHead.Layout(name, true, Pooling.FIRST, transform, unused);
    }

    /**
     * A layer that lies in the backbone, and tanh.
     *
     * @param backbone what names begin with in a checkpoint that has its head
     * @param place the backbone's path in the model, empty where it is the model itself
     */
    public static Transform pooler(Head.Kind.Source source, String backbone, String place) {
        long width = source.config().hiddenSize();
        String path = place.isEmpty() ? POOLER : place + "." + POOLER;
        Weights weights = source.root().atIfPresent(backbone).at(POOLER);
        return Transform.insideBackbone(
                POOLER, source.layers().linear(weights, path, width, width, true), ActivationFunction.TANH);
    }

    /** A layer beside the backbone, and a function. */
    public static Transform dense(Head.Kind.Source source, String name, ActivationFunction function) {
        long width = source.config().hiddenSize();
        return Transform.of(name, source.layers().linear(source.root().at(name), name, width, width, true), function);
    }

    /**
     * What becomes of hidden states before tokens are predicted: a layer to the width of embeddings, a function, and a norm.
     *
     * @param dense the layer's name
     * @param norm the norm's
     */
    public static Transform predictions(
            Head.Kind.Source source, String dense, ActivationFunction function, String norm) {
        BertConfig sizes = (BertConfig) source.config();
        int width = sizes.embeddingSize();
        Weights root = source.root();
        return Transform.of(
                        dense, source.layers().linear(root.at(dense), dense, sizes.hiddenSize(), width, true), function)
                .withNorm(
                        norm, source.layers().norm(BertLayout.named(root.at(norm)), norm, width, sizes.normEpsilon()));
    }

    /** The same with the blocks' activation function. */
    public static Transform predictions(Head.Kind.Source source, String dense, String norm) {
        return predictions(source, dense, ((BertConfig) source.config()).activation(), norm);
    }
}
