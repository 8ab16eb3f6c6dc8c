/** Checkpoints in several files with an index. */
@NullMarked
package io.github.peft4j.models.checkpoint.internal.sharded;

import org.jspecify.annotations.NullMarked;
