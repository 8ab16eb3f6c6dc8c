/**
 * What of a folder others are meant to have: the files of an adapter or a checkpoint with a card, and nothing else that happens to lie there. Start with
 * {@link io.github.peft4j.core.internal.publish.PublishedFolder}.
 */
@NullMarked
package io.github.peft4j.core.internal.publish;

import org.jspecify.annotations.NullMarked;
