/**
 * The fine-tuning methods, one package each; none of them knows an architecture.
 */
@NullMarked
package io.github.peft4j.methods;

import org.jspecify.annotations.NullMarked;
