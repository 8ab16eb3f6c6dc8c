package io.github.peft4j.models.chat;

import io.github.peft4j.models.generate.Generated;

/**
 * What a model answered in a conversation.
 *
 * @param text without special tokens
 * @param generated the tokens, and why there are no more
 */
public record Answer(String text, Generated generated) {}
