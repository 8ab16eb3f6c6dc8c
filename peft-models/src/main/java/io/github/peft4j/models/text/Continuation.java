package io.github.peft4j.models.text;

import io.github.peft4j.models.text.internal.folder.ContinuedText;
import io.github.peft4j.models.text.internal.folder.EncodedText;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Token ids of a text that goes on where another ends, so that the first text's ids are those it has alone: what a model sees that
 * is given the first text and writes the second.
 *
 * <p>Ids of both together mostly begin with the first one's ids. Where the texts meet inside a token, as between "Answer: " and
 * "yes" if " yes" is one token, they do not, and the second text is encoded by itself; of the ways to do that the first is taken that
 * decodes to the same text, since some tokenizers put a blank before every text. If none does, the token that reaches across is the
 * second text's.
 */
final class Continuation {

    private final Tokenizer tokenizer;

    public Continuation(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    ContinuedText encode(String start, String continuation) {
        EncodedText alone = tokenizer.encodeWithPlaces(start, true);
        EncodedText whole = tokenizer.encodeWithPlaces(start + continuation, true);
        int[] first = without(alone.ids(), alone.addedAtEnd());
        int[] both = without(whole.ids(), whole.addedAtEnd());
        int[] ending = Arrays.copyOfRange(whole.ids(), both.length, whole.ids().length);
        if (beginsWith(both, first)) {
            return new ContinuedText(whole.ids(), first.length);
        }
        String text = tokenizer.decodeAsIs(both, false);
        int[] separate = join(first, tokenizer.encodeAlone(continuation));
        if (tokenizer.decodeAsIs(separate, false).equals(text)) {
            return new ContinuedText(join(separate, ending), first.length);
        }
        int[] newLine = tokenizer.encodeAlone("\n");
        int[] afterNewLine = tokenizer.encodeAlone("\n" + continuation);
        if (beginsWith(afterNewLine, newLine)) {
            int[] joined = join(first, Arrays.copyOfRange(afterNewLine, newLine.length, afterNewLine.length));
            if (tokenizer.decodeAsIs(joined, false).equals(text)) {
                return new ContinuedText(join(joined, ending), first.length);
            }
        }
        return new ContinuedText(whole.ids(), whole.tokensBefore(start.codePointCount(0, start.length())));
    }

    private static int[] without(int[] ids, int last) {
        return Arrays.copyOf(ids, ids.length - last);
    }

    private static boolean beginsWith(int[] ids, int[] beginning) {
        return ids.length >= beginning.length
                && Arrays.equals(ids, 0, beginning.length, beginning, 0, beginning.length);
    }

    private static int[] join(int[] first, int[] second) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }
}
