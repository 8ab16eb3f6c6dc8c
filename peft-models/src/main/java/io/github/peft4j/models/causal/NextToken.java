package io.github.peft4j.models.causal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Tape;
import io.github.peft4j.models.nn.Forward;

/**
 * The negative log-likelihood of the next token at supervised positions, summed: Hugging Face's {@code ForCausalLMLoss}.
 *
 * <p>The head and the loss run in chunks of positions, so no more than one chunk of logits exists at a time, however large the
 * vocabulary; forward and backward of a chunk follow each other.
 */
public final class NextToken implements Objective {

    /** The only one: it has no settings. */
    public static final NextToken OBJECTIVE = new NextToken();

    /** Logits held at once, 64 MiB in float32: fewer, and products would spend their time on putting the head's weight in order. */
    private static final long LOGITS_AT_ONCE = 16L << 20;

    private static final int LARGEST_CHUNK = 256;
    private static final int SMALLEST_CHUNK = 8;

    private NextToken() {}

    @Override
    public String item() {
        return "token";
    }

    /** Labels from a row's second on, or from its first on if virtual tokens stand before it. */
    @Override
    public int items(Model<?> model, Batch batch) {
        return Supervision.count(batch, model.virtualTokens());
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException as there, or if a token id or label is not in the vocabulary
     */
    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        LanguageHead head = LanguageHead.of(model);
        int vocabulary = model.vocabSize();
        batch.rows().forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        Supervision supervision =
                Supervision.of(batch, model.virtualTokens(), model.sharesBeginnings(context, batch.rows()));
        supervision.requireBelow(vocabulary);
        if (supervision.count() == 0) {
            return 0;
        }
        Activation selected;
        try (NDArray sources = context.scope().longs(supervision.sources())) {
            selected = model.hidden(context, supervision.input(), sources);
        }
        try (NDArray targets = context.scope().longs(supervision.targets())) {
            return chunkedLoss(context, head, selected, targets, positionsAtOnce(vocabulary), weight);
        } finally {
            selected.close();
        }
    }

    /** Positions whose logits exist at once, for a vocabulary of some size. */
    public static int positionsAtOnce(long vocabSize) {
        return (int) Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, LOGITS_AT_ONCE / vocabSize));
    }

    /**
     * The summed loss of hidden states [M, D]; in a recorded pass their gradient, and that of the head, is put in place.
     *
     * @param chunk positions whose logits exist at once
     */
    static double chunkedLoss(
            Forward context, LanguageHead head, Activation selected, NDArray targets, int chunk, double weight) {
        Kernels k = context.kernels();
        long count = selected.array().getShape().get(0);
        NDArray gradient =
                context.isRecording() && selected.needsGradient() ? k.emptyRows(selected.array(), count) : null;
        double loss = 0;
        for (long start = 0; start < count; start += chunk) {
            long length = Math.min(chunk, count - start);
            try (NDArray rows = k.narrow(selected.array(), 0, start, length);
                    NDArray wanted = k.narrow(targets, 0, start, length)) {
                Activation part = gradient == null ? Activation.constant(rows) : Activation.variable(rows);
                loss += chunkLoss(context, head, part, wanted, weight);
                NDArray flowed = part.takeGradient();
                if (gradient != null && flowed != null) {
                    k.copyInto(gradient, 0, start, flowed);
                    flowed.close();
                }
            }
        }
        if (gradient != null) {
            selected.accumulate(gradient, k);
        }
        return loss;
    }

    /** Forward and, in a recorded pass, backward of the head on a few positions at once. */
    private static double chunkLoss(
            Forward context, LanguageHead head, Activation part, NDArray wanted, double weight) {
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
