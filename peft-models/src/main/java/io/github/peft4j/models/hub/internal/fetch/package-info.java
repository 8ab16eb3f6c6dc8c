/**
 * From a repository on a hub to files on disk: which files there are, which are wanted, and how each comes in whole. What a hub's addresses and answers look like
 * is said by a {@link io.github.peft4j.models.hub.internal.fetch.Site}, where files go by a {@link io.github.peft4j.models.hub.internal.fetch.Place}. Start
 * with {@link io.github.peft4j.models.hub.internal.fetch.Fetch}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal.fetch;

import org.jspecify.annotations.NullMarked;
