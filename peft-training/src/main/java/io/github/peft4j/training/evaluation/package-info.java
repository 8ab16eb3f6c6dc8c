/**
 * Numbers that people know, from what a model predicted and what was right: under the names of scikit-learn, SciPy and seqeval, and equal to
 * theirs. Begin with {@link io.github.peft4j.training.evaluation.Metrics}.
 */
@NullMarked
package io.github.peft4j.training.evaluation;

import org.jspecify.annotations.NullMarked;
