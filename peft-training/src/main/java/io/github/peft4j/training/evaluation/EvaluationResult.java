package io.github.peft4j.training.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a model predicts.
 *
 * @param loss mean loss per item: for next tokens the negative log-likelihood per supervised token, in nats
 * @param items what had to be predicted: supervised tokens, or rows
 * @param metrics numbers that people know, by scikit-learn's names; none for next tokens
 * @param tokens real tokens read
 * @param rows rows read
 * @param seconds wall time
 */
public record EvaluationResult(
        double loss, long items, Map<String, Double> metrics, long tokens, int rows, double seconds) {

    /** Copies the map. */
    public EvaluationResult {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** \(e^{loss}\): for next tokens, among how many, all equally likely, the model seems to choose. */
    public double perplexity() {
        return Math.exp(loss);
    }
}
