/**
 * Layers: weights, one forward, one backward step. Start with {@link io.github.peft4j.models.nn.layer.Linear}.
 */
@NullMarked
package io.github.peft4j.models.nn.layer;

import org.jspecify.annotations.NullMarked;
