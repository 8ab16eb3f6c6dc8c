/**
 * Reports of training runs: a progress bar, a CSV file, TensorBoard, a picture of the loss. Each is a
 * {@link io.github.peft4j.training.progress.TrainingListener}; add as many as wanted.
 */
@NullMarked
package io.github.peft4j.training.report;

import org.jspecify.annotations.NullMarked;
