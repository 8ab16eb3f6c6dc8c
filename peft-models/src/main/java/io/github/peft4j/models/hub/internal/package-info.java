/**
 * Models and adapters by the names that Hugging Face's hub gives them: folders, and what the hub's tools have downloaded to this machine. Nothing here uses the
 * network. Start with {@link io.github.peft4j.models.hub.internal.ModelLocation}.
 */
@NullMarked
package io.github.peft4j.models.hub.internal;

import org.jspecify.annotations.NullMarked;
