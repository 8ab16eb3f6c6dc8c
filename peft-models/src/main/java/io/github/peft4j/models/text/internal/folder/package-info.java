/**
 * The files that describe a tokenizer. Start with {@link io.github.peft4j.models.text.internal.folder.TokenizerConfig}.
 */
@NullMarked
package io.github.peft4j.models.text.internal.folder;

import org.jspecify.annotations.NullMarked;
