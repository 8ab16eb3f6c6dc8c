/**
 * An architecture of one's own: a Llama with one new idea. Start with
 * {@link io.github.peft4j.examples.architecture.LayerScaleLlamaFamily}; the page "Add an architecture" walks through it.
 */
@NullMarked
package io.github.peft4j.examples.architecture;

import org.jspecify.annotations.NullMarked;
