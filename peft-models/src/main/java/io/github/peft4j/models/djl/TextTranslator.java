package io.github.peft4j.models.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.Batchifier;
import ai.djl.translate.PaddingStackBatchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.Arrays;

/**
 * A text, or two, to the model's inputs, and its outputs to what a caller wants. Texts are encoded as in training, with the tokenizer in use and
 * the special tokens that it puts around them, and cut by nobody but a sentence encoder.
 *
 * <p>Rows of a batch are stacked as DJL has it, the shorter ones filled up and masked; the model takes what is filled up out again before it
 * computes. Keeps nothing, so that any number of predictors may share it.
 *
 * @param <I> what goes in
 * @param <O> what comes out
 */
final class TextTranslator<I, O> implements Translator<I, O> {

    /** Token ids, their mask, and their types. */
    private static final int ARRAYS = 3;

    private final Encoder<I> encoder;
    private final Decoder<O> decoder;

    TextTranslator(Encoder<I> encoder, Decoder<O> decoder) {
        this.encoder = encoder;
        this.decoder = decoder;
    }

    /**
     * Ids [T], a mask [T] of ones, and types [T].
     *
     * @throws IllegalArgumentException if the text cannot be encoded, or is no token at all
     * @throws CheckpointException if there is no tokenizer
     */
    @Override
    public NDList processInput(TranslatorContext context, I text) throws CheckpointException {
        Row row = encoder.encode(text);
        int[] types = row.tokenTypes().length == 0 ? new int[row.length()] : row.tokenTypes();
        long[] mask = new long[row.length()];
        Arrays.fill(mask, 1);
        NDManager manager = context.getNDManager();
        return new NDList(manager.create(wide(row.tokenIds())), manager.create(mask), manager.create(wide(types)));
    }

    @Override
    public O processOutput(TranslatorContext context, NDList outputs) {
        return decoder.decode(outputs.singletonOrThrow().toFloatArray());
    }

    @Override
    public Batchifier getBatchifier() {
        var builder = PaddingStackBatchifier.builder().optIncludeValidLengths(false);
        for (int array = 0; array < ARRAYS; array++) {
            builder.addPad(array, 0, TextTranslator::zero);
        }
        return builder.build();
    }

    private static NDArray zero(NDManager manager) {
        return manager.create(new long[1]);
    }

    private static long[] wide(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /** The tokens of what goes in. */
    interface Encoder<I> {
        Row encode(I text) throws CheckpointException;
    }

    /** What outputs [C] of a row say. */
    interface Decoder<O> {
        O decode(float[] outputs);
    }
}
