package io.github.peft4j.training.data.internal;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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
     * Rows of some kind.
     *
     * @param count how many
     * @param text in words, with their places; empty for none
     */
    public record Said(int count, String text) {

        /** None. */
        public static final Said NOTHING = new Said(0, "");
    }

    /**
     * Rows that were not as they should be, by what became of them.
     *
     * @param tooLong left out because they are longer than the greatest length
     * @param cut to the greatest length
     * @param split into windows of it
     * @param windows rows that these became
     * @param nothingLeft left out because nothing to learn was left of them when cut
     * @param skipped left out because nothing can be learned from them, or because they are blank or doubled and were to be left out
     * @param kept blank ones that were not
     */
    public record OddRows(int tooLong, int cut, int split, int windows, int nothingLeft, Said skipped, Said kept) {

        /** None. */
        public static final OddRows NONE = new OddRows(0, 0, 0, 0, 0, Said.NOTHING, Said.NOTHING);

        /** What is to be told with its places, a line for each. */
        public List<String> places() {
            return Stream.of(skipped, kept)
                    .map(Said::text)
                    .filter(text -> !text.isEmpty())
                    .toList();
        }

        @Override
        public String toString() {
            return said(tooLong, " left out because they are longer than the greatest length")
                    + said(cut, " cut to the greatest length")
                    + said(split, " split into " + windows + " windows")
                    + said(nothingLeft, " left out because nothing to learn is left of them when cut")
                    + said(skipped.count(), " left out because they are odd")
                    + said(kept.count(), " kept though they are blank");
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
