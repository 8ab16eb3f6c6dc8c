/** What the architectures' decoders are made of, how their configs spell it, and where a model came from. */
@NullMarked
package io.github.peft4j.models.internal;

import org.jspecify.annotations.NullMarked;
