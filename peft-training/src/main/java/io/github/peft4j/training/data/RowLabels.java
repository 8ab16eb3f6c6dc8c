package io.github.peft4j.training.data;

import io.github.peft4j.models.classification.Labels;

/**
 * What rows of a classifier have as their label.
 *
 * @param labels the classifier's outputs
 * @param needed whether a row without a label is refused
 */
public record RowLabels(Labels labels, boolean needed) {}
