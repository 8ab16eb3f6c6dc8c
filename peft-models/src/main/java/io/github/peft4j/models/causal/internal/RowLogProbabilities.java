package io.github.peft4j.models.causal.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.internal.loss.TokenLoss;
import io.github.peft4j.models.internal.loss.TokenLoss.Chunk;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link LanguageHead#rowLogProbabilities}. Logits exist a chunk of positions at a time, in the forward pass and anew in the backward pass,
 * where each row's count by the gradient of its sum.
 */
public final class RowLogProbabilities {

    private RowLogProbabilities() {}

    /** {@link LanguageHead#rowLogProbabilities}. */
    public static Activation of(Forward context, Model<?> model, Batch batch) {
        LanguageHead head = model.with(LanguageHead.class).head();
        Supervision supervision = Supervision.of(context, model, batch);
        int[] perRow = supervision.perRow();
        if (supervision.count() == 0) {
            return Activation.constant(context.scope().floats(new float[perRow.length], perRow.length));
        }
        int most = TokenLoss.positionsAtOnce(model.vocabSize());
        Activation selected = supervision.hidden(context, model);
        NDArray targets = context.scope().longs(supervision.targets());
        List<Chunk> chunks = chunks(perRow, most, new float[perRow.length]);
        double[] sums = new double[perRow.length];
        try (Forward plain = Forward.inference(model.scope())) {
            double[] losses = TokenLoss.losses(plain, head, Activation.constant(selected.array()), targets, chunks);
            for (int i = 0; i < losses.length; i++) {
                sums[chunks.get(i).row()] -= losses[i];
            }
        }
        float[] rounded = new float[sums.length];
        for (int row = 0; row < rounded.length; row++) {
            rounded[row] = (float) sums[row];
        }
        NDArray output = context.scope().floats(rounded, rounded.length);
        return context.record(output, context.isRecording(), List.of(), gradient -> {
            float[] weights = context.kernels().toFloats(gradient);
            TokenLoss.losses(context, head, selected, targets, chunks(perRow, most, weights));
        });
    }

    /** Each row's positions, of which gradients count by what flows back to its sum; a loss is its negative. */
    private static List<Chunk> chunks(int[] perRow, int most, float[] flowing) {
        List<Chunk> chunks = new ArrayList<>();
        long start = 0;
        for (int row = 0; row < perRow.length; row++) {
            chunks.addAll(Chunk.of(row, start, perRow[row], most, -flowing[row]));
            start += perRow[row];
        }
        return chunks;
    }
}
