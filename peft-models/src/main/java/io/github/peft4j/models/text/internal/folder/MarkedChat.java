package io.github.peft4j.models.text.internal.folder;

/**
 * A chat as token ids, and whose they are.
 *
 * @param tokenIds the whole chat
 * @param assistant for each token whether it is of what the assistant says, the token that ends its turn included
 */
public record MarkedChat(int[] tokenIds, boolean[] assistant) {}
