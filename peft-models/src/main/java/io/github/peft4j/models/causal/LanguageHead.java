package io.github.peft4j.models.causal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.Weights;
import java.util.regex.Pattern;

/**
 * Scores of every token of the vocabulary to come next: one linear layer, D to V, without bias, {@code lm_head} in Hugging Face's files.
 * Its weight may be the token embedding's.
 */
public final class LanguageHead extends Head {

    /** The task's name. */
    public static final String TASK = "causal-lm";

    static final String NAME = "lm_head";

    /** What a classifier of the same backbone has instead. */
    private static final Pattern UNUSED = Pattern.compile("score\\.weight");

    private final Linear layer;
    private final Slot slot;
    private final double cap;

    private LanguageHead(Linear layer, double cap) {
        this.layer = layer;
        this.cap = cap;
        this.slot = child(NAME, layer);
    }

    /**
     * This head on an architecture; it reads checkpoints of its own class, and of the model without a head.
     *
     * @param className Hugging Face's class, for example {@code LlamaForCausalLM}
     */
    public static HeadKind<LanguageHead> kind(String className) {
        return kind(className, HeadOptions.PLAIN);
    }

    /** The same for an architecture whose head is special. */
    public static HeadKind<LanguageHead> kind(String className, HeadOptions options) {
        String bare = HeadKind.architecture(className) + "Model";
        return new HeadKind<>(
                LanguageHead.class,
                className,
                name -> name.equalsIgnoreCase(className) || name.equalsIgnoreCase(bare),
                UNUSED,
                source -> build(source, options));
    }

    private static LanguageHead build(HeadKind.Source source, HeadOptions options) {
        Weights weights = options.weights(source.root());
        ModelConfig config = source.config();
        if (config.tied()) {
            weights.tie(source.tokenEmbedding(), "weight");
        }
        return new LanguageHead(
                Linear.loadHead(weights, config.hiddenSize(), config.vocabSize()),
                options.cap().applyAsDouble(config));
    }

    /**
     * The head of a model that predicts tokens.
     *
     * @throws IllegalArgumentException if it has another
     */
    static LanguageHead of(Model<?> model) {
        if (model.head() instanceof LanguageHead head) {
            return head;
        }
        throw new IllegalArgumentException("next tokens are learned by a model with a head over the vocabulary, and "
                + model.anatomy().className() + " has one for " + model.head().task()
                + ": load the checkpoint for the task " + TASK);
    }

    @Override
    public String task() {
        return TASK;
    }

    @Override
    public String outputLayer() {
        return NAME;
    }

    @Override
    public Weight outputWeight() {
        return layer.weight();
    }

    @Override
    public boolean predictsTokens() {
        return true;
    }

    /** The layer that is in use. Training overwrites what it returns, so it keeps no handle on that for its backward pass. */
    Module layer() {
        return slot.module();
    }

    @Override
    public boolean readsEveryToken() {
        return true;
    }

    @Override
    public Objective objective() {
        return NextToken.OBJECTIVE;
    }

    /** Hidden states [M, D] to logits [M, V], bounded where the architecture bounds them. */
    @Override
    public Activation forward(Forward context, Activation hidden) {
        Activation logits = layer().forward(context, hidden);
        if (cap == 0) {
            return logits;
        }
        try (logits) {
            return Functions.softCap(context, logits, cap);
        }
    }
}
