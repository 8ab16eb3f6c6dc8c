/**
 * Models, adapters and data sets by the names that hubs give them: folders, what has been downloaded to this machine, and what is downloaded when it is asked for
 * by name. Start with {@link io.github.peft4j.models.hub.internal.Hub}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal;

import org.jspecify.annotations.NullMarked;
