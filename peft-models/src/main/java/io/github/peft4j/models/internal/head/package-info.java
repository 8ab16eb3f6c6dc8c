/** What heads are made of. Start with {@link io.github.peft4j.models.internal.head.NewLayers}. */
@NullMarked
package io.github.peft4j.models.internal.head;

import org.jspecify.annotations.NullMarked;
