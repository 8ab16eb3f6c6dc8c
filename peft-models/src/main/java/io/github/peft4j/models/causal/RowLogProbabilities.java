package io.github.peft4j.models.causal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import java.util.List;

/**
 * What a model thinks of whole rows: the summed log-probabilities of each row's supervised tokens. Objectives that weigh rows against each
 * other, as preference learning, are made of them.
 *
 * <p>Logits exist a chunk of positions at a time, in the forward pass and anew in the backward pass, where each row's count by the gradient of
 * its sum.
 */
public final class RowLogProbabilities {

    private RowLogProbabilities() {}

    /**
     * The rows' sums; in a recorded pass gradients flow back through them.
     *
     * @param batch rows with a label for each token
     * @return [B] in float32; the caller closes it
     * @throws IllegalArgumentException if the model has no head over the vocabulary, a row has no label for each token, or an id or label
     *     is not in the vocabulary
     */
    public static Activation of(Forward context, Model<?> model, Batch batch) {
        LanguageHead head = LanguageHead.of(model);
        int vocabulary = model.vocabSize();
        batch.rows().forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        Supervision supervision =
                Supervision.of(batch, model.virtualTokens(), model.sharesBeginnings(context, batch.rows()));
        supervision.requireBelow(vocabulary);
        int chunk = NextToken.positionsAtOnce(vocabulary);
        Activation selected;
        try (NDArray sources = context.scope().longs(supervision.sources())) {
            selected = model.hidden(context, supervision.input(), sources);
        }
        NDArray targets = context.scope().longs(supervision.targets());
        Pieces pieces = new Pieces(head, targets, supervision.perRow(), chunk);
        float[] sums = new float[supervision.perRow().length];
        try (Forward plain = Forward.inference(model.scope())) {
            pieces.each((row, from, count) -> {
                try (NDArray hidden = plain.kernels().narrow(selected.array(), 0, from, count)) {
                    sums[row] = (float) -pieces.loss(plain, Activation.constant(hidden), from, count, 1);
                }
            });
        }
        NDArray output = context.scope().floats(sums, sums.length);
        return context.record(
                output, context.isRecording(), List.of(), gradient -> pieces.backward(context, selected, gradient));
    }

    /** Rows one after the other among the supervised positions. */
    private record Pieces(LanguageHead head, NDArray targets, int[] perRow, int chunk) {

        private interface Piece {
            void of(int row, long from, long count);
        }

        void each(Piece piece) {
            long from = 0;
            for (int row = 0; row < perRow.length; row++) {
                if (perRow[row] > 0) {
                    piece.of(row, from, perRow[row]);
                }
                from += perRow[row];
            }
        }

        double loss(Forward context, Activation hidden, long from, long count, double weight) {
            try (NDArray wanted = context.kernels().narrow(targets, 0, from, count)) {
                return NextToken.chunkedLoss(context, head, hidden, wanted, chunk, weight);
            }
        }

        void backward(Forward context, Activation selected, NDArray gradient) {
            Kernels k = context.kernels();
            float[] weights = k.toFloats(gradient);
            NDArray flowed = selected.needsGradient()
                    ? k.emptyRows(selected.array(), selected.array().getShape().get(0))
                    : null;
            each((row, from, count) -> {
                try (NDArray hidden = k.narrow(selected.array(), 0, from, count)) {
                    Activation part = flowed == null ? Activation.constant(hidden) : Activation.variable(hidden);
                    loss(context, part, from, count, -weights[row]);
                    NDArray own = part.takeGradient();
                    if (flowed != null && own != null) {
                        k.copyInto(flowed, 0, from, own);
                        own.close();
                    }
                }
            });
            if (flowed != null) {
                selected.accumulate(flowed, k);
            }
        }
    }
}
