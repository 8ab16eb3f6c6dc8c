package io.github.peft4j.training;

/**
 * How well a model predicts.
 *
 * @param nll mean negative log-likelihood per supervised token, in nats
 * @param supervisedTokens tokens that had to be predicted
 * @param tokens real tokens read
 * @param rows rows read
 * @param seconds wall time
 */
public record EvaluationResult(double nll, long supervisedTokens, long tokens, int rows, double seconds) {

    /** \(e^{nll}\): among how many tokens, all equally likely, the model seems to choose. */
    public double perplexity() {
        return Math.exp(nll);
    }
}
