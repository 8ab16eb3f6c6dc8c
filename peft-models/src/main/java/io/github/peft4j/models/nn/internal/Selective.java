package io.github.peft4j.models.nn.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;

/** A module that computes its outcome at some tokens with less work than at all of them. */
public interface Selective {

    /**
     * Runs the module.
     *
     * @param input values [N, D] of all tokens; stay the caller's
     * @param tokens numbers of the tokens to compute the outcome at, int64 [M]
     * @return the rows of {@link Module#forward}'s outcome with these numbers, [M, D]; the caller closes them
     */
    Activation forwardAt(Forward context, Activation input, NDArray tokens);

    /**
     * Whether there is less work in this pass, so that {@link #forwardAt} is worth its own copies of tokens.
     *
     * @param tokens as there
     */
    default boolean saves(Forward context, NDArray tokens) {
        return true;
    }
}
