/** Conversations with a model: {@link io.github.peft4j.models.chat.ChatSession}. */
@NullMarked
package io.github.peft4j.models.chat;

import org.jspecify.annotations.NullMarked;
