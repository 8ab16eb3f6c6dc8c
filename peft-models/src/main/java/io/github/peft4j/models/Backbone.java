package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import org.jspecify.annotations.Nullable;

/**
 * All of a model but its head: from tokens to hidden states. The same backbone serves every task; the {@link Head} on top says which.
 */
public abstract class Backbone extends Module {

    /** Allows subclasses only. */
    protected Backbone() {}

    /** The path of this module in Hugging Face's files: one name in most, {@code model.decoder} in some. */
    public abstract String name();

    /** The sizes. */
    public abstract ModelConfig config();

    /**
     * Whether no token sees what comes after it. Rows may then end where the last hidden state that is wanted is, and what they begin
     * with may be computed once for all of them.
     */
    public abstract boolean causal();

    /** How many types of tokens it tells apart; 0 if it knows of none. */
    public int tokenTypes() {
        return 0;
    }

    /**
     * Takes in what a head has inside of it in Hugging Face's files, as BERT's pooler.
     *
     * @return the path that this module then has in the model: none where there is nothing beside it
     */
    final String join(Head head) {
        Transform transform = head.transform();
        if (transform != null && transform.isInsideBackbone()) {
            adopt(transform);
        }
        return head.outputLayer() == null ? "" : name();
    }

    /** What a model of this backbone and a head declares about itself. */
    final Anatomy anatomy(String place, String className, Head head) {
        boolean tied = head.outputWeight() == tokenTable();
        return HeadAnatomy.of(head.transform(), place, head.outputLayer())
                .onto(anatomy(place, className, head.outputLayer(), tied));
    }

    /** The token embedding's table that it was built with, [V, De]. */
    public abstract Weight tokenTable();

    /** Rows of the token embedding that is in use where rows choose as given; null if they do not. */
    public abstract int vocabSize(@Nullable RowSelection selection);

    /**
     * The hidden states of some tokens after the last norm; no others are computed where they are not needed.
     *
     * @param tokens numbers among all tokens, virtual ones included, int64 [M]; null for all N
     * @return [M, De] or [N, De]; with virtual tokens, N counts them
     * @throws IllegalArgumentException if a token id is not in the vocabulary, or a row is longer than the table of positions
     */
    public abstract Activation hidden(Forward context, ModelInput input, @Nullable NDArray tokens);

    /**
     * The same but for what the head has before its output layer.
     *
     * @param place the path of this module in the model, empty where it is the model itself
     * @param className Hugging Face's class
     * @param head path of the output layer, or null if there is none
     * @param headIsTied whether that shares the token embedding's table
     */
    public abstract Anatomy anatomy(String place, String className, @Nullable String head, boolean headIsTied);
}
