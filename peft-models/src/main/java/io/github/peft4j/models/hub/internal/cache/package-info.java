/**
 * What lies in the hubs' caches on this machine: a list, a check of contents by their hashes, and removal. Start with
 * {@link io.github.peft4j.models.hub.internal.cache.CacheContents}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal.cache;

import org.jspecify.annotations.NullMarked;
