/**
 * A hub for tests: Hugging Face's and ModelScope's protocols over loopback, with a second host for large files, faults on demand and a list of what was asked.
 * Start with {@link io.github.peft4j.loopback.internal.LoopbackHub}.
 */
@NullMarked
package io.github.peft4j.loopback.internal;

import org.jspecify.annotations.NullMarked;
