package io.github.peft4j.models.text;

import ai.djl.huggingface.tokenizers.Encoding;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.internal.TextStream;
import io.github.peft4j.models.text.internal.TokenizerException;
import io.github.peft4j.models.text.internal.folder.AddedToken;
import io.github.peft4j.models.text.internal.folder.AddedTokens;
import io.github.peft4j.models.text.internal.folder.ContinuedText;
import io.github.peft4j.models.text.internal.folder.EncodedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The tokenizer of a checkpoint folder: what {@code AutoTokenizer.from_pretrained(folder)} of transformers 5 is for it.
 *
 * <p>Never pads, and cuts only when asked ({@link Pair#truncated}, {@link Words#truncated}). Holds native memory until it is closed.
 *
 * <p>Safe for concurrent use. Closing it waits for nobody: what is under way in other threads ends well, and whatever is begun later fails with
 * an {@link IllegalStateException}.
 */
public final class Tokenizer implements AutoCloseable {

    private final NativeTokenizer tokenizer;
    private final Map<String, String> specialTokens;
    private final Map<Integer, AddedToken> addedTokens = new TreeMap<>();
    private final Map<String, Integer> ids;
    private final boolean cleansUp;
    private final boolean tellsTexts;
    private final int size;

    Tokenizer(
            NativeTokenizer tokenizer,
            Map<String, String> specialTokens,
            AddedTokens added,
            boolean cleansUp,
            boolean tellsTexts) {
        this.tokenizer = tokenizer;
        this.specialTokens = specialTokens;
        this.ids = added.ids();
        added.all().forEach(token -> addedTokens.put(ids.get(token.content()), token));
        this.cleansUp = cleansUp;
        this.tellsTexts = tellsTexts;
        this.size = added.size();
    }

    /**
     * Whether a folder has a tokenizer that {@link #open} can read. A checkpoint without one can still be trained on token ids.
     */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve("tokenizer.json"));
    }

    /**
     * Loads the native library that tokenizers are made of; to open one loads it too.
     *
     * @throws IllegalStateException if it cannot be loaded: why, and where it comes from
     */
    public static void requireLibrary() {
        TokenizerLibrary.load();
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
     * Writes the tokenizer of a folder with more tokens, chat template included, as {@code add_tokens} and {@code save_pretrained} in Python do.
     * Tokens that are there already keep their ids.
     *
     * @param target the folder to write to, made if need be
     * @param special whether decoding may leave them out
     * @return the ids of all tokens given, in their order; new ones follow the last
     * @throws IllegalArgumentException if a token is empty, stands twice, or would not be found in texts
     * @throws IOException if the folder has no tokenizer, it is damaged, or writing fails
     */
    public static Map<String, Integer> addTokens(Path source, Path target, List<String> tokens, boolean special)
            throws IOException {
        return TokenizerExtension.write(source, target, tokens, special);
    }

    /**
     * Token ids of a text with the special tokens that the tokenizer puts around it, as {@code tokenizer(text)} in Python.
     *
     * @throws IllegalArgumentException if the text cannot be encoded
     */
    public int[] encode(String text) {
        return ids(encoding(text, true));
    }

    /**
     * Token ids of a text alone, as {@code tokenizer(text, add_special_tokens=False)} in Python. Special tokens that stand in the text
     * are found.
     *
     * @throws IllegalArgumentException if the text cannot be encoded
     */
    public int[] encodeAlone(String text) {
        return ids(encoding(text, false));
    }

    /**
     * Token ids of a text, and of another that goes on where it ends, for a model that is given the one and learns to write the other.
     * The first text's ids are those of {@link #encode}, but for special tokens that would end it.
     *
     * @throws IllegalArgumentException if a text cannot be encoded
     */
    public ContinuedText encode(String start, String continuation) {
        return new Continuation(this).encode(start, continuation);
    }

    /**
     * Token ids of two texts, as {@code tokenizer(text, text_pair)} in Python: with the special tokens that the tokenizer puts around and between
     * them.
     *
     * @throws IllegalArgumentException if a text cannot be encoded
     */
    public Pair encodePair(String text, String other) {
        // As in Python, an empty second text is none.
        Encoding encoding = other.isEmpty() ? encoding(text, true) : tokenizer.encode(text, other);
        return new Pair(
                ids(encoding), tellsTexts ? ints(encoding.getTypeIds()) : new int[0], TextLimit.texts(encoding));
    }

    /**
     * Token ids of a row of words, as {@code tokenizer(words, is_split_into_words=True)} in Python: each is encoded as a text of its own, and special
     * tokens are put around all.
     *
     * @throws IllegalArgumentException if a word cannot be encoded
     */
    public Words encodeWords(List<String> words) {
        Encoding encoding = tokenizer.encode(words);
        return new Words(ids(encoding), ints(encoding.getWordIds()));
    }

    /**
     * Whether a word encoded alone, as {@link #encodeWords} does, has other tokens than within a text, where a blank stands in front of it: for
     * tokenizers of bytes without {@code add_prefix_space}. Before version 5 transformers refused these words.
     */
    public boolean joinsWords() {
        return tokenizer.joinsWords();
    }

    /**
     * The tokens of a text with the special tokens that the tokenizer puts around it, one by one: what {@link #encode} gives ids of.
     *
     * @throws IllegalArgumentException if the text cannot be encoded
     */
    public List<Token> tokens(String text) {
        Encoding encoding = encoding(text, true);
        int[] ids = ids(encoding);
        String[] pieces = encoding.getTokens();
        long[] around = encoding.getSpecialTokenMask();
        EncodedText places = EncodedText.of(encoding, tokenizer.tokensAtEnd());
        List<Token> tokens = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            AddedToken added = addedTokens.get(ids[i]);
            boolean special = around[i] == 1 || (added != null && added.special());
            tokens.add(new Token(ids[i], pieces[i], special, places.starts()[i], places.ends()[i]));
        }
        return tokens;
    }

    /** Token ids of a text, and which part of the text each stands for. */
    public EncodedText encodeWithPlaces(String text, boolean withSpecialTokens) {
        return EncodedText.of(encoding(text, withSpecialTokens), withSpecialTokens ? tokenizer.tokensAtEnd() : 0);
    }

    private Encoding encoding(String text, boolean withSpecialTokens) {
        return tokenizer.encode(text, withSpecialTokens);
    }

    private static int[] ids(Encoding encoding) {
        return ints(encoding.getIds());
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * The text of token ids. Ids that the tokenizer does not know, as models with a rounded-up vocabulary have them, stand for nothing.
     *
     * @param ids token ids
     * @param withoutSpecialTokens whether to leave special tokens out
     * @throws IllegalArgumentException if an id is negative or the ids cannot be decoded
     */
    public String decode(int[] ids, boolean withoutSpecialTokens) {
        String text = decodeAsIs(ids, withoutSpecialTokens);
        return cleansUp ? cleanedUp(text) : text;
    }

    /** The text of token ids before {@code clean_up_tokenization_spaces}, which looks beyond a token. */
    String decodeAsIs(int[] ids, boolean withoutSpecialTokens) {
        for (int id : ids) {
            if (id < 0) {
                throw new TokenizerException("token ids are not negative, got " + id);
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
    public record Token(int id, String piece, boolean special, int start, int end) {}

    /**
     * The tokens of two texts, or of one.
     *
     * @param ids one a token
     * @param types which text each is of, as {@code token_type_ids}; empty for tokenizers whose models are not told it
     * @param texts which text each is of, 0 or 1, whatever the tokenizer; -1 for special tokens that are put around and between them
     */
    public record Pair(int[] ids, int[] types, int[] texts) {

        /**
         * So many tokens of these at most, as {@code tokenizer(text, text_pair, truncation=True, max_length=most)}: the special tokens around the texts
         * stay, and the longer text is cut first.
         *
         * @param fromStart whether texts lose their beginning, as with {@code truncation_side="left"}; otherwise their end
         * @throws IllegalArgumentException if there is no room for any token of a text
         */
        public Pair truncated(int most, boolean fromStart) {
            int[] places = new TextLimit(most, fromStart).places(texts);
            return new Pair(TextLimit.of(ids, places), TextLimit.of(types, places), TextLimit.of(texts, places));
        }

        /**
         * The types as a model is given them: none where it knows of no second one, whatever its tokenizer says, as by transformers' {@code
         * Trainer}, or where all are 0.
         *
         * @param known how many types the model knows
         */
        public int[] typesFor(int known) {
            return known > 1 && Arrays.stream(types).anyMatch(type -> type != 0) ? types : new int[0];
        }
    }

    /**
     * The tokens of words.
     *
     * @param ids one a token
     * @param words the number of the word that each is of, from 0; -1 for special tokens. A word may have none
     */
    public record Words(int[] ids, int[] words) {

        /** So many tokens of these at most, as {@link Pair#truncated}. */
        public Words truncated(int most, boolean fromStart) {
            int[] texts = Arrays.stream(words).map(word -> Math.min(0, word)).toArray();
            int[] places = new TextLimit(most, fromStart).places(texts);
            return new Words(TextLimit.of(ids, places), TextLimit.of(words, places));
        }
    }
}
