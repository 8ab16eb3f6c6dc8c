package io.github.peft4j.models.text;

/**
 * A token of a text.
 *
 * @param id its id
 * @param piece the token as the vocabulary has it, for instance with {@code \u0120} or {@code \u2581} for a blank; for what is not in the vocabulary,
 *     mostly the text that it stands for
 * @param special whether it was put around the text, or is an added token that decoding may leave out
 * @param start the position in the text of the first character that it stands for, in code points
 * @param end the position behind the last one
 */
public record TextToken(int id, String piece, boolean special, int start, int end) {}
