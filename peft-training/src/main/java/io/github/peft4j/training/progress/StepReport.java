package io.github.peft4j.training.progress;

/**
 * What a step did.
 *
 * @param step its number, from 1
 * @param loss mean negative log-likelihood over the supervised tokens of the whole accumulated batch, before the update
 * @param gradNorm global L2 norm of the gradients before clipping
 * @param learningRate the rate the step was taken with
 * @param tokens real tokens, without padding and virtual tokens
 * @param supervisedTokens tokens that had to be predicted
 * @param seconds wall time of the step alone
 */
public record StepReport(
        long step,
        double loss,
        double gradNorm,
        double learningRate,
        long tokens,
        long supervisedTokens,
        double seconds) {}
