package io.github.peft4j.models.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.text.internal.TokenizerException;
import io.github.peft4j.models.text.internal.checks.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The native library behind a tokenizer. It ends the process where it is used after it was closed, or by a text that it does not expect, so
 * both are looked at here; and what it throws becomes a {@link TokenizerException}.
 */
final class NativeTokenizer implements AutoCloseable {

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    private final Pipeline pipeline;
    private final int mostDecoded;
    private final Leases leases = new Leases("tokenizer");

    private NativeTokenizer(Path file, HuggingFaceTokenizer tokenizer, Pipeline pipeline, int mostDecoded) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.pipeline = pipeline;
        this.mostDecoded = mostDecoded;
    }

    /**
     * Opens a tokenizer.
     *
     * @param file for messages
     * @param bytes a file that was checked
     * @param pipeline what it does to texts
     * @param longestToken characters of the longest token
     */
    static NativeTokenizer open(Path file, byte[] bytes, Pipeline pipeline, int longestToken)
            throws CheckpointException {
        TokenizerLibrary.load();
        try {
            HuggingFaceTokenizer tokenizer = TokenizerLibrary.open(bytes);
            return new NativeTokenizer(file, tokenizer, pipeline, pipeline.mostDecoded(longestToken));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    file + " is no tokenizer that this version can read: " + e.getMessage()
                            + ". Write it again with transformers' save_pretrained",
                    e);
        }
    }

    /** Whether bytes are what tokens are made of, and no blank is put in front of a text, so that a word alone is not as within a text. */
    boolean joinsWords() {
        return joinsWords(pipeline.sections().get("pre_tokenizer"));
    }

    private static boolean joinsWords(@Nullable Object section) {
        boolean bytes = "ByteLevel".equals(JsonValues.at(section, "type"))
                && !Boolean.TRUE.equals(JsonValues.at(section, "add_prefix_space"));
        return bytes
                || JsonValues.list(JsonValues.at(section, "pretokenizers")).stream()
                        .anyMatch(NativeTokenizer::joinsWords);
    }

    /** How many special tokens are put behind a text. */
    int tokensAtEnd() {
        return pipeline.tokensAtEnd();
    }

    /**
     * Encodes a text.
     *
     * @throws TokenizerException if it cannot be encoded
     * @throws IllegalStateException if this is closed
     */
    Encoding encode(String text, boolean withSpecialTokens) {
        check(List.of(text));
        return used("encode the text", () -> tokenizer.encode(text, withSpecialTokens, false));
    }

    /** The same for two texts, with special tokens around and between them. */
    Encoding encode(String text, String other) {
        check(List.of(text, other));
        return used("encode the texts", () -> tokenizer.encode(text, other, true, false));
    }

    /** The same for words, each of which is a text of its own within one row. */
    Encoding encode(List<String> words) {
        check(words);
        return used("encode the words", () -> tokenizer.encode(words, true, false));
    }

    /** Checks texts that are encoded at once. */
    private void check(List<String> texts) {
        long length = 0;
        for (String text : texts) {
            length += text.length();
            requireUnicode(text);
        }
        if (length > pipeline.longestText()) {
            throw new TokenizerException("the text has " + length + " characters; with what " + file
                    + " asks to be done to texts, one may have at most " + pipeline.longestText()
                    + ". Divide it into several");
        }
    }

    private static void requireUnicode(String text) {
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new TokenizerException(
                        "the text is no valid Unicode: half of a surrogate pair at character " + at);
            }
            at += Character.charCount(c);
        }
    }

    /**
     * Decodes ids, none of which is negative.
     *
     * @throws TokenizerException if they cannot be decoded
     * @throws IllegalStateException if this is closed
     */
    String decode(long[] ids, boolean withoutSpecialTokens) {
        if (ids.length > mostDecoded) {
            throw new TokenizerException(ids.length + " ids are too many to be decoded at once with " + file
                    + ": at most " + mostDecoded + " can be. Divide them into several");
        }
        return used("decode the ids", () -> tokenizer.decode(ids, withoutSpecialTokens));
    }

    private <T> T used(String what, Supplier<T> call) {
        try (Lease use = leases.pass()) {
            return answer(what, call);
        }
    }

    private <T> T answer(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            throw new TokenizerException("the tokenizer " + file + " cannot " + what + ": " + e.getMessage(), e);
        }
    }

    /** Waits for nobody: calls of other threads that are under way end well. */
    @Override
    public void close() {
        leases.close(tokenizer::close);
    }
}
