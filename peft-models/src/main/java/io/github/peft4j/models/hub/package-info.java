/**
 * Models and adapters by the names that Hugging Face's hub gives them: {@link io.github.peft4j.models.pretrained.Models#load(String)} takes a folder or what the
 * hub's tools have downloaded to this machine, and a {@link io.github.peft4j.models.hub.HubException} says that there is neither. Nothing here uses the network.
 */
@NullMarked
package io.github.peft4j.models.hub;

import org.jspecify.annotations.NullMarked;
