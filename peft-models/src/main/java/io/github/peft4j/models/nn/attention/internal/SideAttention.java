package io.github.peft4j.models.nn.attention.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.TokenScript;

/**
 * Something that the queries of an {@link Attention} attend to apart from the keys and values of their row: keys and values of its own,
 * under a softmax of its own, for example. What it makes of the queries is added to what the attention itself makes of them.
 *
 * <p>The queries are those that the attention computed for itself, rotated where it rotates them. Weights of a side hang in the tree of
 * modules at or above the attention, so that recomputation knows of them.
 */
public interface SideAttention {

    /** Whether it takes part now. */
    boolean isOn();

    /** Whether its outcome goes through the attention's output projection, together with the attention's own, or is added after it. */
    boolean isProjected();

    /**
     * Attends.
     *
     * @param queries [N, H, Dh]; stay the caller's
     * @return an outcome [N, H, Dh]; the caller closes it. If it {@link #isProjected is not projected}, H Dh is the model's width
     */
    Activation attend(Forward context, Activation queries);

    /**
     * Writes the same for one new token of each row.
     *
     * @param queries the name of B rows' queries, whose heads may lie side by side in one dimension
     * @return the name of the outcome [B, H Dh]
     */
    String writeBeside(TokenScript script, String queries);
}
