package io.github.peft4j.training.data.internal;

import java.util.Map;

/**
 * What was read.
 *
 * @param rows examples to train on
 * @param tokens tokens of these
 * @param supervisedTokens labels of these that are not ignored, without each row's first, which only virtual tokens could predict
 * @param tooLong rows that were left out because they are longer than the greatest length
 * @param longest tokens of the longest row of all, those left out included
 * @param lostWords words of these that the tokenizer makes no token of, so that what they are cannot be learned
 * @param kinds how many rows of each kind there were, those left out included: "input_ids", "messages", "prompt", "instruction", "text", "tokens"
 */
public record DataReport(
        int rows,
        long tokens,
        long supervisedTokens,
        int tooLong,
        int longest,
        long lostWords,
        Map<String, Integer> kinds) {

    /** One line for a log. */
    @Override
    public String toString() {
        return rows + " rows, " + tokens + " tokens, "
                + (supervisedTokens == 0 ? "" : supervisedTokens + " supervised, ") + "longest " + longest
                + (tooLong == 0
                        ? ""
                        : ", " + tooLong + " rows left out because they are longer than the greatest length")
                + (lostWords == 0 ? "" : ", " + lostWords + " words that become no token");
    }
}
