package io.github.peft4j.models.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The tokenizer of a checkpoint folder: what {@code AutoTokenizer.from_pretrained(folder)} of transformers 5 is for it.
 *
 * <p>Never cuts and never pads; both belong to whoever makes batches. Holds native memory until it is closed.
 *
 * <p>Encoding and decoding may be called from several threads at once, but not while it is being closed.
 */
public final class Tokenizer implements AutoCloseable {

    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, String> specialTokens;
    private final Map<Integer, AddedToken> addedTokens = new TreeMap<>();
    private final Map<String, Integer> ids;
    private final boolean cleansUp;
    private final int size;
    private final int addedAtEnd;

    Tokenizer(HuggingFaceTokenizer tokenizer, Map<String, String> specialTokens, AddedTokens added, boolean cleansUp) {
        this.tokenizer = tokenizer;
        this.specialTokens = specialTokens;
        this.ids = added.ids();
        added.all().forEach(token -> addedTokens.put(ids.get(token.content()), token));
        this.cleansUp = cleansUp;
        this.size = added.size();
        long[] around = tokenizer.encode("a", true, false).getSpecialTokenMask();
        int end = around.length;
        while (end > 0 && around[end - 1] == 1) {
            end--;
        }
        this.addedAtEnd = end == 0 ? 0 : around.length - end;
    }

    /**
     * Whether a folder has a tokenizer that {@link #open} can read. A checkpoint without one can still be trained on token ids.
     */
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve("tokenizer.json"));
    }

    /**
     * Opens the tokenizer of a checkpoint folder.
     *
     * @param folder holds {@code tokenizer.json} and, most often, {@code tokenizer_config.json}
     * @throws CheckpointException if there is no {@code tokenizer.json} or a file is damaged
     */
    public static Tokenizer open(Path folder) throws CheckpointException {
        return TokenizerFolder.open(folder);
    }

    /**
     * Token ids of a text with the special tokens that the tokenizer puts around it, as {@code tokenizer(text)} in Python.
     *
     * @throws IllegalArgumentException if the text holds half of a surrogate pair
     */
    public int[] encode(String text) {
        return ids(encoding(text, true));
    }

    /**
     * Token ids of a text alone, as {@code tokenizer(text, add_special_tokens=False)} in Python. Special tokens that stand in the text
     * are found.
     *
     * @throws IllegalArgumentException if the text holds half of a surrogate pair
     */
    public int[] encodeAlone(String text) {
        return ids(encoding(text, false));
    }

    /**
     * Token ids of a text, and of another that goes on where it ends, for a model that is given the one and learns to write the other.
     * The first text's ids are those of {@link #encode}, but for special tokens that would end it.
     *
     * @throws IllegalArgumentException if a text holds half of a surrogate pair
     */
    public ContinuedText encode(String start, String continuation) {
        return new Continuation(this).encode(start, continuation);
    }

    /** Token ids of a text, and which part of the text each stands for. */
    EncodedText encodeWithPlaces(String text, boolean withSpecialTokens) {
        Encoding encoding = encoding(text, withSpecialTokens);
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
        return new EncodedText(ids(encoding), starts, ends, withSpecialTokens ? addedAtEnd : 0);
    }

    private Encoding encoding(String text, boolean withSpecialTokens) {
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(
                        "the text is no valid Unicode: half of a surrogate pair at character " + at);
            }
            at += Character.charCount(c);
        }
        return tokenizer.encode(text, withSpecialTokens, false);
    }

    private static int[] ids(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * The text of token ids. Ids that the tokenizer does not know, as models with a rounded-up vocabulary have them, stand for nothing.
     *
     * @param ids token ids
     * @param withoutSpecialTokens whether to leave special tokens out
     * @throws IllegalArgumentException if an id is negative
     */
    public String decode(int[] ids, boolean withoutSpecialTokens) {
        String text = decodeAsIs(ids, withoutSpecialTokens);
        return cleansUp ? cleanedUp(text) : text;
    }

    /** The text of token ids before {@code clean_up_tokenization_spaces}, which looks beyond a token. */
    String decodeAsIs(int[] ids, boolean withoutSpecialTokens) {
        for (int id : ids) {
            if (id < 0) {
                throw new IllegalArgumentException("token ids are not negative, got " + id);
            }
        }
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), withoutSpecialTokens);
    }

    private static String cleanedUp(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    /**
     * A decoder for tokens that come one after the other.
     *
     * @param withoutSpecialTokens whether to leave special tokens out
     */
    public TextStream stream(boolean withoutSpecialTokens) {
        return new TextStream(ids -> decodeAsIs(ids, withoutSpecialTokens));
    }

    /** The number of tokens, added ones included: Python's {@code len(tokenizer)}. */
    public int size() {
        return size;
    }

    /** The id of the token that begins a text. */
    public OptionalInt beginId() {
        return specialId("bos_token");
    }

    /** The id of the token that ends a text. */
    public OptionalInt endId() {
        return specialId("eos_token");
    }

    /** The id of the token that fills up rows. */
    public OptionalInt paddingId() {
        return specialId("pad_token");
    }

    /** The id of the token for what is not in the vocabulary. */
    public OptionalInt unknownId() {
        return specialId("unk_token");
    }

    private OptionalInt specialId(String name) {
        String content = specialTokens.get(name);
        return content == null ? OptionalInt.empty() : id(content);
    }

    /** The id of an added token, special ones among them. */
    public OptionalInt id(String addedToken) {
        Integer id = ids.get(addedToken);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The special tokens by Hugging Face's names ({@code bos_token}, {@code eos_token}, ...). */
    public Map<String, String> specialTokens() {
        return Collections.unmodifiableMap(specialTokens);
    }

    /** The tokens that are found in a text before anything else is done to it, by id. */
    public Map<Integer, AddedToken> addedTokens() {
        return Collections.unmodifiableMap(addedTokens);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
