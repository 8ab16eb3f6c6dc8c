package io.github.peft4j.models.text.internal.folder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.github.peft4j.jinja.internal.rendering.Rendering;
import java.util.Arrays;
import java.util.List;

/**
 * Token ids with their places in the text.
 *
 * @param ids one per token
 * @param starts the position of each token's first character, in code points; blanks that begin a token may be left out
 * @param ends the position after its last character
 * @param addedAtEnd how many special tokens were put after the text
 */
public record EncodedText(int[] ids, int[] starts, int[] ends, int addedAtEnd) {

    /** What a tokenizer made of a text. */
    public static EncodedText of(Encoding encoding, int addedAtEnd) {
        CharSpan[] spans = encoding.getCharTokenSpans();
        long[] around = encoding.getSpecialTokenMask();
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        int last = 0;
        for (int i = 0; i < spans.length; i++) {
            // What is put around a text stands for nothing in it.
            boolean nothing = spans[i] == null || around[i] == 1;
            starts[i] = nothing ? last : spans[i].getStart();
            ends[i] = nothing ? last : spans[i].getEnd();
            last = Math.max(last, ends[i]);
        }
        int[] ids = Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
        return new EncodedText(ids, starts, ends, addedAtEnd);
    }

    /**
     * For each token whether it stands for a character of one of these parts.
     *
     * @param text the text that was encoded
     * @param parts in order
     */
    public boolean[] within(String text, List<Rendering.Span> parts) {
        boolean[] within = new boolean[ids.length];
        int token = 0;
        int position = 0;
        int counted = 0;
        for (Rendering.Span part : parts) {
            int start = position + text.codePointCount(counted, part.start());
            int end = start + text.codePointCount(part.start(), part.end());
            position = end;
            counted = part.end();
            while (token < ids.length && ends[token] <= start) {
                token++;
            }
            for (int i = token; i < ids.length && first(i) < end; i++) {
                within[i] = start < end;
            }
        }
        return within;
    }

    /** The number of tokens that end before or at a position in code points. */
    public int tokensBefore(int position) {
        int token = 0;
        while (token < ids.length - addedAtEnd && ends[token] <= position) {
            token++;
        }
        return token;
    }

    /** Where a token begins: blanks between it and the token before are its own. */
    private int first(int token) {
        return token == 0 ? starts[0] : Math.min(starts[token], ends[token - 1]);
    }
}
