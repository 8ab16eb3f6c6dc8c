/**
 * Llama itself. What others of its layout share is in {@link io.github.peft4j.models.llama}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.llama;

import org.jspecify.annotations.NullMarked;
