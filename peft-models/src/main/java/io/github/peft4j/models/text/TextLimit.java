package io.github.peft4j.models.text;

import ai.djl.huggingface.tokenizers.Encoding;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which tokens of one or two texts stay when there may be only so many, as {@code truncation=True} of Python's tokenizers has it
 * ({@code longest_first}): what is put around the texts stays, and of two the longer one is cut first, until both are alike.
 *
 * @param most tokens that may stay, those around the texts included
 * @param cutsStart whether texts lose their beginning; otherwise their end
 * @see <a href="https://github.com/huggingface/tokenizers/blob/v0.23.0/tokenizers/src/utils/truncation.rs">truncate_encodings</a>
 */
record TextLimit(int most, boolean cutsStart) {

    /**
     * The places of the tokens that stay, in order.
     *
     * @param texts for each token which text it is of, from 0; below 0 for what is put around texts
     * @throws IllegalArgumentException if there is no room for any token of a text
     */
    int[] places(int[] texts) {
        if (texts.length <= most) {
            return IntStream.range(0, texts.length).toArray();
        }
        int first = count(texts, 0);
        int second = count(texts, 1);
        int around = texts.length - first - second;
        int room = most - around;
        if (room < 1) {
            throw new IllegalArgumentException("texts are cut after " + most + " tokens, but the tokenizer puts "
                    + around + " around each: the greatest length must be larger");
        }
        int[] kept = second == 0 ? new int[] {room, 0} : both(first, second, room);
        int[] passed = cutsStart ? new int[] {first - kept[0], second - kept[1]} : new int[2];
        int[] seen = new int[2];
        return IntStream.range(0, texts.length)
                .filter(i -> {
                    int text = texts[i];
                    if (text < 0) {
                        return true;
                    }
                    int place = seen[text]++ - passed[text];
                    return place >= 0 && place < kept[text];
                })
                .toArray();
    }

    /** For each token which text it is of, from 0; -1 for what was put around texts. */
    static int[] texts(Encoding encoding) {
        long[] around = encoding.getSpecialTokenMask();
        long[] texts = encoding.getSequenceIds();
        return IntStream.range(0, texts.length)
                .map(i -> around[i] == 1 ? -1 : (int) Math.max(0, texts[i]))
                .toArray();
    }

    private static int[] both(int first, int second, int room) {
        int shorter = Math.min(first, second);
        int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
        if (shorter + longer > room) {
            shorter = room / 2;
            longer = shorter + room % 2;
        }
        return first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
    }

    private static int count(int[] texts, int text) {
        return (int) Arrays.stream(texts).filter(of -> of == text).count();
    }

    /** Those of the values that stay. */
    static int[] of(int[] values, int[] places) {
        return values.length == 0
                ? values
                : Arrays.stream(places).map(place -> values[place]).toArray();
    }
}
