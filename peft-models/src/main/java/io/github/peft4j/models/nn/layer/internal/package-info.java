/** Norms and feed-forward parts, of which the architectures that come with the library are made. */
@NullMarked
package io.github.peft4j.models.nn.layer.internal;

import org.jspecify.annotations.NullMarked;
