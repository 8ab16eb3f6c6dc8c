package io.github.peft4j.training.data.internal;

import java.util.Map;

/**
 * What was read.
 *
 * @param rows examples to train on
 * @param tokens tokens of these
 * @param supervisedTokens labels of these that are not ignored, without each row's first, which only virtual tokens could predict
 * @param longest tokens of the longest row of all before any was cut, those left out included
 * @param lostWords words of these that the tokenizer makes no token of, so that what they are cannot be learned
 * @param kinds how many rows of each kind there were, those left out included: "input_ids", "messages", "prompt", "instruction", "text", "tokens"
 * @param oddRows those that were not as they should be
 */
public record DataReport(
        int rows,
        long tokens,
        long supervisedTokens,
        int longest,
        long lostWords,
        Map<String, Integer> kinds,
        OddRows oddRows) {

    /**
     * Rows that were not as they should be, by what became of them.
     *
     * @param tooLong left out because they are longer than the greatest length
     * @param cut to the greatest length
     * @param split into windows of it
     * @param windows rows that these became
     * @param nothingLeft left out because nothing to learn was left of them when cut
     */
    public record OddRows(int tooLong, int cut, int split, int windows, int nothingLeft) {

        /** None. */
        public static final OddRows NONE = new OddRows(0, 0, 0, 0, 0);

        @Override
        public String toString() {
            return said(tooLong, " left out because they are longer than the greatest length")
                    + said(cut, " cut to the greatest length")
                    + said(split, " split into " + windows + " windows")
                    + said(nothingLeft, " left out because nothing to learn is left of them when cut");
        }

        private static String said(int count, String what) {
            return count == 0 ? "" : ", " + count + (count == 1 ? " row" : " rows") + what;
        }
    }

    /** One line for a log. */
    @Override
    public String toString() {
        return rows + " rows, " + tokens + " tokens, "
                + (supervisedTokens == 0 ? "" : supervisedTokens + " supervised, ") + "longest " + longest + oddRows
                + (lostWords == 0 ? "" : ", " + lostWords + " words that become no token");
    }
}
