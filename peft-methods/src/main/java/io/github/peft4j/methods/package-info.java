/**
 * The fine-tuning methods, one package each, with the method's config; how it adapts a model is internal to it. None of them knows an
 * architecture.
 */
@NullMarked
package io.github.peft4j.methods;

import org.jspecify.annotations.NullMarked;
