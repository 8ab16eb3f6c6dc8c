package io.github.peft4j.training.data;

import io.github.peft4j.models.classification.Labels;

/**
 * What rows of a classifier have as their label.
 *
 * @param labels the classifier's outputs
 * @param needed whether labels are read, and a row without one is refused; otherwise rows are only to be predicted
 */
public record RowLabels(Labels labels, boolean needed) {}
