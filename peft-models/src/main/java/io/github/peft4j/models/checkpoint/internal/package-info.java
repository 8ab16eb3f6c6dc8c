/** Mapped files and the tensors that lie in them, for the forms of checkpoints. */
@NullMarked
package io.github.peft4j.models.checkpoint.internal;

import org.jspecify.annotations.NullMarked;
