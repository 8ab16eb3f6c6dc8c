package io.github.peft4j.models.causal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.internal.NextToken;
import io.github.peft4j.models.causal.internal.RowLogProbabilities;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/**
 * Scores of every token of the vocabulary to come next: one linear layer, De to V, without bias, {@code lm_head} in Hugging Face's files.
 * Its weight may be the token embedding's.
 */
public final class LanguageHead extends Head {

    /** The task's name. */
    public static final String TASK = "causal-lm";

    static final String NAME = "lm_head";

    /** What a classifier of the same backbone has instead. */
    private static final Pattern UNUSED = Pattern.compile("score\\.weight");

    private final double cap;

    private LanguageHead(Linear layer, double cap) {
        super(NAME, layer);
        this.cap = cap;
    }

    /**
     * This head on an architecture; it reads checkpoints of its own class, and of the model without a head.
     *
     * @param className Hugging Face's class, for example {@code LlamaForCausalLM}
     */
    public static Head.Kind<LanguageHead> kind(String className) {
        return kind(className, Options.PLAIN);
    }

    /** The same for an architecture whose head is special. */
    public static Head.Kind<LanguageHead> kind(String className, Options options) {
        String bare = Head.Kind.architecture(className) + "Model";
        return new Head.Kind<>(
                LanguageHead.class,
                className,
                name -> name.equalsIgnoreCase(className) || name.equalsIgnoreCase(bare),
                UNUSED,
                source -> build(source, options));
    }

    private static LanguageHead build(Head.Kind.Source source, Options options) {
        Weights weights = options.weights(source.root());
        ModelConfig config = source.config();
        if (config.tied()) {
            weights.tie(source.tokenEmbedding(), "weight");
        }
        return new LanguageHead(
                Linear.loadHead(weights, config.embeddingSize(), config.vocabSize(), false),
                options.cap().applyAsDouble(config));
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
        return NextToken.OBJECTIVE;
    }

    /** Hidden states [M, De] to logits [M, V], bounded where the architecture bounds them. Training overwrites what this returns. */
    @Override
    public Activation forward(Forward context, Activation hidden) {
        Activation logits = output(context, hidden);
        if (cap == 0) {
            return logits;
        }
        try (logits) {
            return Functions.softCap(context, logits, cap);
        }
    }

    /**
     * What a model thinks of whole rows: the summed log-probabilities of each row's supervised tokens. Objectives that weigh rows against
     * each other, as preference learning, are made of them; in a recorded pass gradients flow back through them.
     *
     * @param batch rows with a label for each token
     * @return [B] in float32; the caller closes it
     * @throws IllegalArgumentException if the model has no head over the vocabulary, a row has no label for each token, or an id or label
     *     is not in the vocabulary
     */
    public static Activation rowLogProbabilities(Forward context, Model<?> model, Batch batch) {
        return RowLogProbabilities.of(context, model, batch);
    }

    /**
     * What is special about an architecture's head.
     *
     * @param name what its checkpoints may call it; in the model it is {@code lm_head}
     * @param cap bounds the logits softly, \(c \tanh(x / c)\) for x; 0 for no bound
     */
    public record Options(String name, ToDoubleFunction<ModelConfig> cap) {

        /** A head under its usual name, whose logits have no bound. */
        public static final Options PLAIN = new Options(LanguageHead.NAME, config -> 0);

        /** The same where checkpoints may have another name for it. */
        public Options named(String other) {
            return new Options(other, cap);
        }

        /** The same with a bound. */
        public Options capped(ToDoubleFunction<ModelConfig> bound) {
            return new Options(name, bound);
        }

        /** The head's weights in a checkpoint, under whichever name it has there. */
        Weights weights(Weights root) {
            return root.at(root.at(name).has("weight") ? name : LanguageHead.NAME);
        }
    }
}
