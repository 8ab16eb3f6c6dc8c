/**
 * Hub ids and the hub's cache on disk. Start with {@link io.github.peft4j.models.hub.internal.ModelLocation}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal;

import org.jspecify.annotations.NullMarked;
