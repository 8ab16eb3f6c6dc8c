/**
 * OPT: learned positions that begin with the third row of their table, norms before the parts or behind the sums, token embeddings of
 * another width than hidden states in some, the feed-forward layers in the block itself. Start with
 * {@link io.github.peft4j.models.internal.architecture.opt.OptFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.opt;

import org.jspecify.annotations.NullMarked;
