/**
 * Models by the names that Hugging Face's hub gives them: {@link io.github.peft4j.models.hub.internal.ModelLocation} finds a folder or what the hub's tools have
 * downloaded to this machine. Nothing here uses the network.
 */
@NullMarked
package io.github.peft4j.models.hub;

import org.jspecify.annotations.NullMarked;
