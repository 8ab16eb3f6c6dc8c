package io.github.peft4j.models.tokens;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.internal.loss.ClassWeights;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.tokens.internal.LabelledTokens;
import io.github.peft4j.models.tokens.internal.TokenClassifier;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A class for every token: one linear layer with bias, Do to C, behind what an architecture does to hidden states first. Follows transformers' {@code ...ForTokenClassification}.
 *
 * <p>A checkpoint of the same backbone with another head, or none, can be loaded: the layer is then new, as transformers draws it.
 */
public final class TokenHead extends Head {

    /** The task's name. */
    public static final String TASK = "token-classification";

    private final SequenceHead.Labels labels;

    private TokenHead(
            @Nullable Transform transform, String name, Linear layer, SequenceHead.Labels labels, Origin origin) {
        super(transform, name, layer, origin);
        this.labels = labels;
    }

    /**
     * This head on an architecture; asked for, it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code BertForTokenClassification}
     * @param name of the layer
     * @param unused full names of tensors that checkpoints may hold for other heads
     */
    public static Head.Kind<TokenHead> kind(String className, String name, Pattern unused) {
        return kind(className, new SequenceHead.Layout(name, true, Pooling.FIRST, source -> null, unused));
    }

    /**
     * The same for an architecture that has more than the layer, as its head of rows has it.
     *
     * @param layout of that head, of which the pooling does not count
     */
    public static Head.Kind<TokenHead> kind(String className, SequenceHead.Layout layout) {
        return new Head.Kind<>(
                TokenHead.class,
                className,
                Head.Kind.sameArchitecture(className),
                layout.unused(),
                source -> build(source, className, layout));
    }

    private static TokenHead build(Head.Kind.Source source, String className, SequenceHead.Layout layout) {
        SequenceHead.Labels labels = SequenceHead.Labels.of(source.json());
        Transform transform = layout.transform().apply(source);
        Linear layer = source.layers()
                .linear(
                        source.root().at(layout.name()),
                        layout.name(),
                        source.config().outputSize(),
                        labels.count(),
                        layout.bias());
        return new TokenHead(transform, layout.name(), layer, labels, source.origin(className));
    }

    /** The outputs' names. */
    public SequenceHead.Labels labels() {
        return labels;
    }

    @Override
    public String task() {
        return TASK;
    }

    @Override
    public Objective objective() {
        return LabelledTokens.OBJECTIVE;
    }

    /**
     * What is learned where some classes count more than others, as torch's {@code CrossEntropyLoss(weight)}: the mean over an accumulated batch is the weighted sum
     * of its labelled tokens' losses by the sum of their weights. Evaluations do not weigh.
     *
     * @param weights one for each class, above 0
     * @throws IllegalArgumentException if one is not above 0 and finite
     */
    public static Objective weighted(double... weights) {
        return new LabelledTokens(new ClassWeights(weights));
    }

    @Override
    public Map<String, Object> config(Map<String, Object> changes) {
        return super.config(labels.told(changes));
    }

    @Override
    public Map<String, Object> told() {
        return labels.told();
    }

    /**
     * What a model says of the tokens of rows, read together as far as their lengths allow.
     *
     * @return outputs [T][C] of each row's own tokens, in the rows' order
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     * @throws IllegalStateException if the model is closed
     */
    public static List<float[][]> logits(Model<TokenHead> model, List<Row> rows) {
        return new TokenClassifier(model).logits(rows);
    }

    /** Outputs [C] as people read them: the probabilities of classes that exclude each other. */
    public static double[] scores(float[] logits) {
        return SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION.scores(logits);
    }
}
