/**
 * A fine-tuning method of one's own: a trained scale for every output of every block's feed-forward part. What
 * {@code docs/how-to/write-a-method.md} explains.
 */
@NullMarked
package io.github.peft4j.examples.method;

import org.jspecify.annotations.NullMarked;
