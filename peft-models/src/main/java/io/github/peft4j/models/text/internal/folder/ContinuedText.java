package io.github.peft4j.models.text.internal.folder;

/**
 * The token ids of a text and of its continuation.
 *
 * @param tokenIds of both
 * @param startTokens how many of them stand for the beginning; the continuation's come after
 */
public record ContinuedText(int[] tokenIds, int startTokens) {}
