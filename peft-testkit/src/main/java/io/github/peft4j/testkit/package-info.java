/**
 * Contract tests and toy checkpoints for those who add a fine-tuning method or an architecture.
 */
@NullMarked
package io.github.peft4j.testkit;

import org.jspecify.annotations.NullMarked;
