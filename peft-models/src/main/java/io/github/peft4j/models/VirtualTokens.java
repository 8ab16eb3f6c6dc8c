package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import java.util.List;

/** Puts the same virtual tokens before every row. */
final class VirtualTokens {

    private VirtualTokens() {}

    /**
     * Rows of P virtual and then the row's own embeddings.
     *
     * @param virtual [P, D], converted to the tokens' format
     * @param tokens [N, D]
     * @return [N + B P, D]
     */
    static Activation prepend(Forward context, Activation virtual, Activation tokens, Rows rows) {
        Kernels k = context.kernels();
        int p = (int) virtual.array().getShape().get(0);
        long[] order = order(rows, p);
        boolean needed = virtual.needsGradient() || tokens.needsGradient();
        NDArray index = context.scope().longs(order);
        NDArray both = k.concat(List.of(virtual.array(), tokens.array()), 0);
        NDArray output = k.rows(both, index);
        long count = both.getShape().get(0);
        both.close();
        return context.record(output, needed, List.of(index), g -> {
            try (NDArray all = k.rowsGradient(g, index, count)) {
                if (virtual.needsGradient()) {
                    virtual.accumulate(k.contiguous(k.narrow(all, 0, 0, p)), k);
                }
                if (tokens.needsGradient()) {
                    tokens.accumulate(k.contiguous(k.narrow(all, 0, p, count - p)), k);
                }
            }
        });
    }

    private static long[] order(Rows rows, int p) {
        long[] order = new long[rows.tokens() + rows.count() * p];
        int at = 0;
        long token = p;
        for (int length : rows.lengths()) {
            for (int i = 0; i < p; i++) {
                order[at++] = i;
            }
            for (int i = 0; i < length; i++) {
                order[at++] = token++;
            }
        }
        return order;
    }
}
