/**
 * Contract tests and toy checkpoints for those who add a fine-tuning method or an architecture. Start with
 * {@link io.github.peft4j.testkit.PeftMethodContract}; it needs the PyTorch natives on the test class path and nothing else.
 */
@NullMarked
package io.github.peft4j.testkit;

import org.jspecify.annotations.NullMarked;
