/**
 * The training loop and what it is made of: data, optimiser, schedules, checkpoints, evaluation, reports.
 */
@NullMarked
package io.github.peft4j.training;

import org.jspecify.annotations.NullMarked;
