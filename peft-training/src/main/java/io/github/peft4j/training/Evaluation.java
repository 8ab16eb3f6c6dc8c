package io.github.peft4j.training;

import io.github.peft4j.models.LabelledRows;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.lease.Lease;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The mean negative log-likelihood per supervised token over labelled rows: the sum over all rows divided by the count over all rows, so
 * it does not depend on how they are batched. Dropout is off.
 *
 * <p>Rows are read from the longest to the shortest, as many at once as hold {@link #TOKENS_AT_ONCE} tokens. Safe for concurrent use; the
 * model's adapters stay as they are meanwhile.
 */
public final class Evaluation {

    /** Tokens read at once: enough to keep the processor busy, few enough for activations to stay small. */
    public static final int TOKENS_AT_ONCE = 2048;

    private final LabelledRows rows;

    /**
     * Of these rows.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Evaluation(LabelledRows rows) {
        if (rows.tokens() == 0) {
            throw new IllegalArgumentException("there are no rows to evaluate on");
        }
        this.rows = rows;
    }

    /**
     * Checks that a model has something to predict in these rows.
     *
     * @return the number of supervised tokens
     * @throws IllegalArgumentException if no token is supervised
     */
    public long supervised(Model model) {
        long supervised = model.supervisedItems(rows);
        if (supervised == 0) {
            throw new IllegalArgumentException("no token of the "
                    + rows.tokenIds().size() + " rows is supervised: all labels that count are "
                    + LabelledRows.IGNORED
                    + ". The label of a row's first token counts only if virtual tokens precede it");
        }
        return supervised;
    }

    /**
     * Evaluates a model.
     *
     * @throws IllegalArgumentException if no token is supervised
     * @throws IllegalStateException if the model is closed
     */
    public EvaluationResult run(Model model) {
        long start = System.nanoTime();
        long supervised = supervised(model);
        double loss = 0;
        try (Lease whole = model.leases().hold(null)) {
            for (LabelledRows batch : batches()) {
                try (Forward context = Forward.inference(model.scope())) {
                    loss += model.loss(context, batch, 1);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new EvaluationResult(
                loss / supervised, supervised, rows.tokens(), rows.tokenIds().size(), seconds);
    }

    private List<LabelledRows> batches() {
        List<Integer> order = IntStream.range(0, rows.tokenIds().size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -rows.tokenIds().get(i).length))
                .toList();
        List<LabelledRows> batches = new ArrayList<>();
        int from = 0;
        while (from < order.size()) {
            int tokens = 0;
            int to = from;
            while (to < order.size()
                    && (to == from || tokens + rows.tokenIds().get(order.get(to)).length <= TOKENS_AT_ONCE)) {
                tokens += rows.tokenIds().get(order.get(to++)).length;
            }
            List<Integer> part = order.subList(from, to);
            batches.add(new LabelledRows(
                    part.stream().map(rows.tokenIds()::get).toList(),
                    part.stream().map(rows.labels()::get).toList()));
            from = to;
        }
        return batches;
    }
}
