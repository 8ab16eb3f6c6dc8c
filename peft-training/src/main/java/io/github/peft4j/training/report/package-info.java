/**
 * Reports of training runs: a progress bar, a CSV file, TensorBoard, a picture of the loss, a page. Start with
 * {@link io.github.peft4j.training.report.Reports}.
 */
@NullMarked
package io.github.peft4j.training.report;

import org.jspecify.annotations.NullMarked;
