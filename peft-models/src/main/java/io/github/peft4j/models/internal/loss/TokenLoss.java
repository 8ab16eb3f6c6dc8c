package io.github.peft4j.models.internal.loss;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.internal.Tape;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.List;

/**
 * The cross-entropy of a head's outputs at some tokens, in chunks of them: no more than one chunk of outputs exists at a time, however large a
 * vocabulary is; forward and backward of a chunk follow each other.
 */
public final class TokenLoss {

    /** Logits held at once, 64 MiB in float32: fewer, and products would spend their time on putting the head's weight in order. */
    private static final long LOGITS_AT_ONCE = 16L << 20;

    private static final int LARGEST_CHUNK = 256;
    private static final int SMALLEST_CHUNK = 8;

    private TokenLoss() {}

    /**
     * The summed loss; in a recorded pass the gradient of hidden states, and that of the head, is put in place.
     *
     * @param hidden what the head reads [M, Do]; stays the caller's
     * @param targets what each is to be, [M]
     * @param weight multiplies the gradients
     */
    public static double sum(Forward context, Model<?> model, Activation hidden, long[] targets, double weight) {
        try (NDArray wanted = context.scope().longs(targets)) {
            List<Chunk> chunks = Chunk.of(0, 0, targets.length, positionsAtOnce(model.outputs()), weight);
            double sum = 0;
            for (double loss : losses(context, model.head(), hidden, wanted, chunks)) {
                sum += loss;
            }
            return sum;
        }
    }

    /**
     * Positions whose logits exist at once.
     *
     * @param row that they are of, for who counts by rows
     * @param start the first one's number among all supervised positions
     * @param weight multiplies their gradients
     */
    public record Chunk(int row, long start, long length, double weight) {

        /** Cuts some positions. */
        public static List<Chunk> of(int row, long start, long count, int most, double weight) {
            List<Chunk> chunks = new ArrayList<>();
            for (long done = 0; done < count; done += most) {
                chunks.add(new Chunk(row, start + done, Math.min(most, count - done), weight));
            }
            return chunks;
        }
    }

    /** Positions whose logits exist at once, for a vocabulary of some size. */
    public static int positionsAtOnce(long vocabSize) {
        return (int) Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, LOGITS_AT_ONCE / vocabSize));
    }

    /**
     * The summed loss of each chunk of hidden states [M, De]; in a recorded pass the gradient of these, and that of the head, is put in place.
     *
     * @param chunks all positions, in order
     */
    public static double[] losses(
            Forward context, Head head, Activation selected, NDArray targets, List<Chunk> chunks) {
        Kernels k = context.kernels();
        NDArray gradient = context.isRecording() && selected.needsGradient()
                ? k.emptyRows(selected.array(), selected.array().getShape().get(0))
                : null;
        double[] losses = new double[chunks.size()];
        for (int i = 0; i < losses.length; i++) {
            Chunk chunk = chunks.get(i);
            try (NDArray rows = k.narrow(selected.array(), 0, chunk.start(), chunk.length());
                    NDArray wanted = k.narrow(targets, 0, chunk.start(), chunk.length())) {
                Activation part = gradient == null ? Activation.constant(rows) : Activation.variable(rows);
                losses[i] = chunkLoss(context, head, part, wanted, chunk.weight());
                NDArray flowed = part.takeGradient();
                if (gradient != null && flowed != null) {
                    k.copyInto(gradient, 0, chunk.start(), flowed);
                    flowed.close();
                }
            }
        }
        if (gradient != null) {
            selected.accumulate(gradient, k);
        }
        return losses;
    }

    /** Forward and, in a recorded pass, backward of the head on a few positions at once. */
    private static double chunkLoss(Forward context, Head head, Activation part, NDArray wanted, double weight) {
        Kernels k = context.kernels();
        try (Tape tape = new Tape()) {
            Activation logits = head.forward(context.isRecording() ? context.onTape(tape) : context, part);
            if (!logits.needsGradient()) {
                try (logits) {
                    return k.crossEntropyLoss(logits.array(), wanted);
                }
            }
            double loss = k.crossEntropyInto(logits.array(), wanted, weight);
            logits.accumulate(logits.array(), k);
            tape.backward();
            return loss;
        }
    }
}
