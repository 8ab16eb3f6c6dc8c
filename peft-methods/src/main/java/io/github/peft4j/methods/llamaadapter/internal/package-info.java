/**
 * How LLaMA-Adapter adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.llamaadapter.internal.AdaptionPromptMethod}.
 */
@NullMarked
package io.github.peft4j.methods.llamaadapter.internal;

import org.jspecify.annotations.NullMarked;
