package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Tape;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.KeyValue;
import io.github.peft4j.models.nn.KeyValueCache;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model that predicts the next token: hidden states, a head over the vocabulary, cross-entropy at supervised positions only.
 *
 * <p>The head and the loss run in chunks of positions, so no more than one chunk of logits exists at a time, however large the
 * vocabulary.
 */
public abstract class CausalLm extends Model {

    /** Logits held at once, 64 MiB in float32: fewer, and products would spend their time on putting the head's weight in order. */
    private static final long LOGITS_AT_ONCE = 16L << 20;

    private static final int LARGEST_CHUNK = 256;
    private static final int SMALLEST_CHUNK = 8;

    /** A causal model. */
    protected CausalLm(Scope scope, Precision precision) {
        super(scope, precision);
    }

    /** The output layer, D to V. Training overwrites what it returns, so it keeps no handle on that for its backward pass. */
    public final Module head() {
        return at(Objects.requireNonNull(anatomy().head()));
    }

    /**
     * The logits of hidden states [N, D]: the head's outcome [N, V], or what the architecture makes of it. Training overwrites what it
     * returns.
     */
    protected Activation scores(Forward context, Activation hidden) {
        return head().forward(context, hidden);
    }

    @Override
    public final List<String> tokenTables() {
        return List.of(
                anatomy().inputEmbedding(), Objects.requireNonNull(anatomy().head()));
    }

    /**
     * The hidden states of some tokens after the last norm.
     *
     * @param tokens numbers among all tokens, virtual ones included, int64 [M]
     * @return [M, D]
     */
    protected abstract Activation encodeAt(Forward context, ModelInput input, NDArray tokens);

    /** Labels from a row's second on, or from its first on if virtual tokens stand before it. */
    @Override
    public final int supervisedItems(LabelledRows rows) {
        return rows.supervisedTokens(virtualTokens() > 0);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if a token id or label is not in the vocabulary
     */
    @Override
    public final double loss(Forward context, LabelledRows rows, double weight) {
        int vocabulary = vocabSize();
        rows.tokenIds().forEach(ids -> ModelInput.requireTokens(ids, vocabulary));
        boolean opened = beginsAlike(rows)
                && (!context.dropoutApplies()
                        || modulesByPath().values().stream().noneMatch(Module::dropsActivations));
        Supervision supervision = Supervision.of(rows, virtualTokens(), opened);
        supervision.requireBelow(vocabulary);
        if (supervision.count() == 0) {
            return 0;
        }
        Activation selected;
        try (NDArray sources = context.scope().longs(supervision.sources())) {
            selected = encodeAt(context, transformed(context, supervision.input()), sources);
        }
        try (NDArray targets = context.scope().longs(supervision.targets())) {
            return chunkedLoss(context, selected, targets, weight);
        } finally {
            selected.close();
        }
    }

    /** Whether what these rows begin with is the same in all of them, however long they are. */
    private boolean beginsAlike(LabelledRows rows) {
        int longest = rows.tokenIds().stream().mapToInt(ids -> ids.length).max().orElse(0);
        return longest + virtualTokens() <= anatomy().alikeUpTo();
    }

    /** Positions whose logits exist at once, for a vocabulary of some size. */
    public static int positionsAtOnce(long vocabSize) {
        return (int) Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, LOGITS_AT_ONCE / vocabSize));
    }

    private double chunkedLoss(Forward context, Activation selected, NDArray targets, double weight) {
        Kernels k = context.kernels();
        long count = selected.array().getShape().get(0);
        NDArray gradient =
                context.isRecording() && selected.needsGradient() ? k.emptyRows(selected.array(), count) : null;
        double loss = 0;
        int chunk = positionsAtOnce(vocabSize());
        for (long start = 0; start < count; start += chunk) {
            long length = Math.min(chunk, count - start);
            try (NDArray rows = k.narrow(selected.array(), 0, start, length);
                    NDArray wanted = k.narrow(targets, 0, start, length)) {
                Activation part = gradient == null ? Activation.constant(rows) : Activation.variable(rows);
                loss += chunkLoss(context, part, wanted, weight);
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
    private double chunkLoss(Forward context, Activation part, NDArray wanted, double weight) {
        Kernels k = context.kernels();
        try (Tape tape = new Tape()) {
            Activation logits = scores(context.isRecording() ? context.onTape(tape) : context, part);
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

    /**
     * The logits of every position.
     *
     * @return [N, V], owned by {@code owner}; virtual tokens' positions included
     * @throws IllegalStateException if the model is closed, or rows choose a module that is no longer in it
     */
    public final NDArray logits(Scope owner, ModelInput input) {
        try (Forward context = Forward.inference(scope())) {
            requirePresent(input);
            ModelInput seen = transformed(context, input);
            try (Activation hidden = encode(context, seen)) {
                Rows rows = seen.rows().lengthened(seen.virtualTokenCount());
                return owner.adopt(scores(selecting(context, rows), hidden).array());
            }
        }
    }

    private void requirePresent(ModelInput input) {
        RowSelection selection = input.rows().selection();
        if (selection != null) {
            selection.requirePartsOf(this);
        }
    }

    /** The context for the head: with rows only where they choose what applies to them. */
    private static Forward selecting(Forward context, Rows rows) {
        return rows.selection() == null ? context : context.withRows(rows);
    }

    /** Positions that the changes to inputs in force now put before every row: virtual tokens, keys and values. */
    public final int positionsBefore() {
        try (Forward context = Forward.inference(scope())) {
            ModelInput input = transformed(context, ModelInput.of(List.of(new int[] {0})));
            return input.virtualTokenCount() + input.pastKeyValueCount();
        }
    }

    /**
     * The logits of each row's last position, adding the rows' keys and values to a cache.
     *
     * @param input new tokens only, in rows whose {@code past} is the cache's length; inputs are changed only while it is empty
     * @return [B, V], owned by {@code owner}
     * @throws IllegalArgumentException if the rows are not those of the cache
     * @throws IllegalStateException if the model is closed, or rows that begin choose a module that is no longer in it
     */
    public final NDArray nextLogits(Scope owner, ModelInput input, KeyValueCache cache) {
        cache.requireContinues(input.rows());
        boolean first = cache.length(0) == 0;
        try (Forward context = Forward.generating(scope(), cache)) {
            if (first) {
                requirePresent(input);
            }
            ModelInput seen = first ? transformed(context, input) : input;
            if (!seen.pastKeyValues().isEmpty()) {
                cache.fill(seen.pastKeyValues().stream()
                        .map(pair -> new KeyValue(
                                context.cast(pair.key(), precision()), context.cast(pair.value(), precision())))
                        .toList());
                Rows after = seen.rows().after(cache.length(0));
                seen = new ModelInput(seen.tokenIds(), after, seen.virtualTokens(), List.of());
            }
            return lastLogits(owner, context, seen);
        }
    }

    private NDArray lastLogits(Scope owner, Forward context, ModelInput input) {
        long[] last = new long[input.rows().count()];
        int end = 0;
        for (int row = 0; row < last.length; row++) {
            end += input.rows().lengths()[row] + input.virtualTokenCount();
            last[row] = end - 1L;
        }
        Activation hidden = encode(context, input);
        try (hidden;
                NDArray index = context.scope().longs(last);
                Activation ends = context.rows(hidden, index)) {
            Forward atEnds = selecting(context, input.rows().ends());
            return owner.adopt(scores(atEnds, ends).array());
        }
    }

    // ---- as a DJL block: token ids [B, T] (and an attention mask [B, T]) to logits [B, T, V]; left padding and right
    // padding alike

    @Override
    public final Activation forward(Forward context, Activation ids) {
        int[] tokens = Arrays.stream(ids.array().toLongArray())
                .mapToInt(Math::toIntExact)
                .toArray();
        ModelInput input = new ModelInput(tokens, context.rows(), null, List.of());
        Activation hidden = encode(context, transformed(context, input));
        Activation logits = scores(context, hidden);
        hidden.close();
        return logits;
    }

    @Override
    protected final NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        return PaddedBatch.logits(this, inputs);
    }

    @Override
    public final Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(vocabSize())};
    }
}
