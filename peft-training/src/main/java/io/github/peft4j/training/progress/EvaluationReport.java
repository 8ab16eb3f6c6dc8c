package io.github.peft4j.training.progress;

import io.github.peft4j.training.evaluation.EvaluationResult;

/**
 * An evaluation during training.
 *
 * @param step steps done before it
 * @param result what it found
 */
public record EvaluationReport(long step, EvaluationResult result) {}
