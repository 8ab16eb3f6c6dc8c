package io.github.peft4j.training.data;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import io.github.peft4j.training.data.internal.RowException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How rows become token ids.
 *
 * @param vocabularySize ids that the model has an embedding for; larger ones are refused
 * @param maxLength the greatest length of a row in tokens; what becomes of longer ones, {@code oddRows} says. {@link #UNLIMITED} for none
 * @param text what makes token ids of text
 * @param template for rows with an instruction
 * @param labels where each row, or each token, has a label of its own, or null where next tokens are learned
 * @param tokenTypes how many texts of a row the model can tell apart; 0 or 1 for models that are not told which text a token is of
 * @param oddRows what becomes of rows that are too long, or otherwise not as they should be
 */
public record EncodingOptions(
        int vocabularySize,
        int maxLength,
        ModelText text,
        PromptTemplate template,
        @Nullable RowLabels labels,
        int tokenTypes,
        OddRows oddRows) {

    /** No greatest length. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public EncodingOptions {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("the vocabulary's size must be at least 1, got " + vocabularySize);
        }
        if (maxLength < 1) {
            throw new IllegalArgumentException("the greatest length must be at least 1, got " + maxLength);
        }
        if (oddRows.truncation().overlap() >= maxLength) {
            throw new IllegalArgumentException("windows of " + maxLength + " tokens cannot overlap by "
                    + oddRows.truncation().overlap() + ": the overlap must be smaller");
        }
    }

    /**
     * Checks that ids are of the vocabulary.
     *
     * @throws RowException if one is not
     */
    public void requireInVocabulary(int[]... ids) throws RowException {
        int largest = Arrays.stream(ids).flatMapToInt(Arrays::stream).max().orElse(0);
        if (largest >= vocabularySize) {
            throw new RowException(
                    RowException.Problem.OUTSIDE_VOCABULARY,
                    "expected ids below " + vocabularySize + ", got " + largest);
        }
    }

    /**
     * The tokenizer, for a row that has text.
     *
     * @param keys what rows can have without it
     * @throws RowException if there is none
     * @throws CheckpointException if it cannot be opened
     */
    public Tokenizer requireTokenizer(String keys) throws RowException, CheckpointException {
        Tokenizer tokenizer = text.tokenizer();
        if (tokenizer == null) {
            throw new RowException(
                    RowException.Problem.NOT_ENCODED,
                    "the checkpoint has no tokenizer.json, which transformers writes with save_pretrained; without it only "
                            + keys + " can be read");
        }
        return tokenizer;
    }

    /**
     * Rows for a model as it is now, of any length: ids of its vocabulary, text by its tokenizer, messages by its chat template, and a label for
     * each row, or each of its tokens, where it has classes.
     */
    public static EncodingOptions of(Model<?> model) {
        EncodingOptions plain = of(model.vocabSize())
                .withText(model.text())
                .withTokenTypes(model.backbone().tokenTypes());
        if (model.head() instanceof SequenceHead classifier) {
            return plain.withLabels(RowLabels.ofRows(classifier.labels(), true));
        }
        if (model.head() instanceof TokenHead classifier) {
            return plain.withLabels(RowLabels.ofTokens(classifier.labels(), true));
        }
        if (model.head() instanceof EmbeddingHead) {
            return plain.withLabels(RowLabels.ofPairs());
        }
        return model.head() instanceof MaskedHead ? plain.withLabels(RowLabels.ofHiddenTokens()) : plain;
    }

    /** Rows of token ids alone, of any length. */
    public static EncodingOptions of(int vocabularySize) {
        return new EncodingOptions(
                vocabularySize, UNLIMITED, ModelText.NONE, PromptTemplate.ALPACA, null, 0, OddRows.DEFAULT);
    }

    /** The same with a greatest length. */
    public EncodingOptions withMaxLength(int tokens) {
        return new EncodingOptions(vocabularySize, tokens, text, template, labels, tokenTypes, oddRows);
    }

    /** The same with rows of text. */
    public EncodingOptions withText(ModelText other) {
        return new EncodingOptions(vocabularySize, maxLength, other, template, labels, tokenTypes, oddRows);
    }

    /** The same with rows of text, but none of messages. */
    public EncodingOptions withTokenizer(Tokenizer tokenizer) {
        return withText(ModelText.of(tokenizer, null));
    }

    /** The same with rows of text, and of messages too. */
    public EncodingOptions withTokenizer(Tokenizer tokenizer, ChatTemplate chatTemplate) {
        return withText(ModelText.of(tokenizer, chatTemplate));
    }

    /** The same with another template for instructions. */
    public EncodingOptions withTemplate(PromptTemplate other) {
        return new EncodingOptions(vocabularySize, maxLength, text, other, labels, tokenTypes, oddRows);
    }

    /** The same with a label for each row; null where next tokens are learned. */
    public EncodingOptions withLabels(@Nullable RowLabels other) {
        return new EncodingOptions(vocabularySize, maxLength, text, template, other, tokenTypes, oddRows);
    }

    /** The same for a model that can tell so many texts of a row apart. */
    public EncodingOptions withTokenTypes(int types) {
        return new EncodingOptions(vocabularySize, maxLength, text, template, labels, types, oddRows);
    }

    /** The same with rows of more tokens than there may be cut, or split. */
    public EncodingOptions withTruncation(Truncation other) {
        return withOddRows(oddRows.withTruncation(other));
    }

    /** The same with another choice for rows that are not as they should be. */
    public EncodingOptions withOddRows(OddRows other) {
        return new EncodingOptions(vocabularySize, maxLength, text, template, labels, tokenTypes, other);
    }

    /**
     * What becomes of rows of more tokens than there may be. Tokens are cut with their labels. Rows of which nothing is left to learn are left out, and
     * all is counted.
     *
     * @param way which part of a row stays
     * @param overlap of windows: how many tokens each begins with that the one before ended with, and learned
     */
    public record Truncation(Way way, int overlap) {

        /** Longer rows are left out, since to cut one trains on an answer without its end. */
        public static final Truncation LEAVE_OUT = new Truncation(Way.LEAVE_OUT, 0);

        /** The end is cut off: Hugging Face's {@code truncation_side="right"}, {@code keep_start} of TRL. */
        public static final Truncation RIGHT = new Truncation(Way.RIGHT, 0);

        /** The beginning is cut off: Hugging Face's {@code truncation_side="left"}, {@code keep_end} of TRL. */
        public static final Truncation LEFT = new Truncation(Way.LEFT, 0);

        /** The ways. */
        public enum Way {
            /** None of it. */
            LEAVE_OUT,
            /** Its beginning. */
            RIGHT,
            /** Its end. */
            LEFT,
            /** All, in rows of its own. */
            WINDOWS
        }

        /**
         * Checks the overlap.
         *
         * @throws IllegalArgumentException if it is negative, or there are no windows to overlap
         */
        public Truncation {
            if (overlap < 0 || (overlap > 0 && way != Way.WINDOWS)) {
                throw new IllegalArgumentException("an overlap is that of windows, and at least 0; got " + overlap);
            }
        }

        /**
         * Longer rows are split into rows of the greatest length, and each token is learned in one of them. What is learned next to nothing before it is not
         * predicted, so without an overlap the first token of each but the first is learned by none.
         */
        public static Truncation windows(int overlap) {
            return new Truncation(Way.WINDOWS, overlap);
        }
    }

    /**
     * What becomes of rows that are not as they should be. What is kept is counted and said, but for doubled rows, which only those who ask look for.
     *
     * @param truncation of those that are too long
     * @param bad of those that nothing can be learned from: values are missing or of another kind, or nothing is supervised; skipped or refused
     * @param blank of those whose text, completion or output has no character but white space, so that little is learned from them
     * @param doubled of those with the tokens and labels of a row before them
     * @param numbersAsText whether a number where a text is expected is one; otherwise it is as bad as any other value
     */
    public record OddRows(Truncation truncation, Choice bad, Choice blank, Choice doubled, boolean numbersAsText) {

        /** Rows that are too long are left out, bad ones refused, blank and doubled ones kept. */
        public static final OddRows DEFAULT =
                new OddRows(Truncation.LEAVE_OUT, Choice.REFUSE, Choice.KEEP, Choice.KEEP, false);

        /** What can be done with a row. */
        public enum Choice {
            /** It is learned from like others. */
            KEEP,
            /** It is left out. */
            SKIP,
            /** Reading fails, with all such rows in the message. */
            REFUSE
        }

        /**
         * Checks what cannot be.
         *
         * @throws IllegalArgumentException if rows that nothing can be learned from are to be kept
         */
        public OddRows {
            if (bad == Choice.KEEP) {
                throw new IllegalArgumentException(
                        "rows that nothing can be learned from cannot be kept: skip or refuse them");
            }
        }

        /** The same with another choice for rows that are too long. */
        public OddRows withTruncation(Truncation other) {
            return new OddRows(other, bad, blank, doubled, numbersAsText);
        }

        /** The same with another choice for rows that nothing can be learned from. */
        public OddRows withBad(Choice other) {
            return new OddRows(truncation, other, blank, doubled, numbersAsText);
        }

        /** The same with another choice for blank rows. */
        public OddRows withBlank(Choice other) {
            return new OddRows(truncation, bad, other, doubled, numbersAsText);
        }

        /** The same with another choice for doubled rows. */
        public OddRows withDoubled(Choice other) {
            return new OddRows(truncation, bad, blank, other, numbersAsText);
        }

        /** The same with numbers for texts, or not. */
        public OddRows withNumbersAsText(boolean taken) {
            return new OddRows(truncation, bad, blank, doubled, taken);
        }
    }

    /**
     * What rows have as their label, or their tokens as theirs.
     *
     * @param names the classifier's outputs, or null where labels are tokens of the vocabulary, or there are none
     * @param perToken whether each token has a label
     * @param needed whether labels are read, and a row without one is refused; otherwise rows are only to be predicted
     * @param everyPiece whether every token of a word has its tag, with {@code I-} in place of {@code B-} after the first; otherwise only the first
     */
    public record RowLabels(SequenceHead.@Nullable Labels names, boolean perToken, boolean needed, boolean everyPiece) {

        /** A label for each row. */
        public static RowLabels ofRows(SequenceHead.Labels names, boolean needed) {
            return new RowLabels(names, false, needed, false);
        }

        /** A class for each token, or for each word, which its first token then has. */
        public static RowLabels ofTokens(SequenceHead.Labels names, boolean needed) {
            return new RowLabels(names, true, needed, false);
        }

        /** No label: texts of which some go together. */
        public static RowLabels ofPairs() {
            return new RowLabels(null, false, true, false);
        }

        /** Whether rows have no label, but texts of which some go together. */
        public boolean pairs() {
            return names == null && !perToken;
        }

        /** For each token the one that it hides. */
        public static RowLabels ofHiddenTokens() {
            return new RowLabels(null, true, true, false);
        }

        /** The same with tags of words at every token of them: {@code label_all_tokens} of Hugging Face's {@code run_ner.py}. */
        public RowLabels atEveryPiece() {
            return new RowLabels(names, perToken, needed, true);
        }
    }
}
