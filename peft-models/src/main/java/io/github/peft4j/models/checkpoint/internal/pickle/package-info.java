/** Files that {@code torch.save} wrote: a pickle is read as data, by a restricted unpickler that never runs what is in it. */
@NullMarked
package io.github.peft4j.models.checkpoint.internal.pickle;

import org.jspecify.annotations.NullMarked;
