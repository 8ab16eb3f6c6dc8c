package io.github.peft4j.models.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import java.util.ArrayList;
import java.util.List;

/** Puts the same virtual tokens before every row, or before the prefix that rows share. */
public final class VirtualTokens {

    private VirtualTokens() {}

    /**
     * Rows of P virtual and then the row's own embeddings.
     *
     * @param virtual [P, De], converted to the tokens' format; its gradient is summed over the rows in float32
     * @param tokens [N, De]
     * @return [N + B P, D], or [N + P, D] if rows have a shared prefix
     */
    public static Activation prepend(Forward context, Activation virtual, Activation tokens, Rows rows) {
        Kernels k = context.kernels();
        int count = (int) virtual.array().getShape().get(0);
        Precision precision = k.precision(tokens.array());
        NDArray output;
        try (NDArray converted = k.cast(virtual.array(), precision);
                NDArray both = k.concat(List.of(converted, tokens.array()), 0);
                NDArray order = context.scope().longs(order(rows, count))) {
            output = k.rows(both, order);
        }
        List<NDArray> saved = new ArrayList<>();
        boolean needed = virtual.needsGradient() || tokens.needsGradient();
        if (needed && context.isRecording()) {
            saved.add(context.scope().longs(places(rows, count, true)));
            saved.add(context.scope().longs(places(rows, count, false)));
        }
        Precision own = k.precision(virtual.array());
        return context.record(output, needed, saved, g -> {
            if (virtual.needsGradient()) {
                virtual.accumulate(overRows(k, g, saved.get(0), count, own), k);
            }
            if (tokens.needsGradient()) {
                tokens.accumulate(k.rows(g, saved.get(1)), k);
            }
        });
    }

    private static NDArray overRows(Kernels k, NDArray g, NDArray places, int count, Precision precision) {
        long width = g.getShape().get(1);
        try (NDArray found = k.rows(g, places);
                NDArray byRow = k.reshape(found, -1, count * width);
                NDArray sum = k.sumRows(byRow);
                NDArray gradient = k.reshape(sum, count, width)) {
            return k.cast(gradient, precision);
        }
    }

    /** For each place of the result, where it is among the virtual and then all rows' own tokens. */
    private static long[] order(Rows rows, int virtual) {
        Rows result = rows.lengthened(virtual);
        long[] order = new long[result.tokens()];
        int at = 0;
        long token = virtual;
        for (int row = 0; row < rows.count(); row++) {
            int before = result.lengths()[row] - rows.lengths()[row];
            for (int i = 0; i < result.lengths()[row]; i++) {
                order[at++] = i < before ? i : token++;
            }
        }
        return order;
    }

    /** The places of the virtual tokens, or of the rows' own, in the result. */
    private static long[] places(Rows rows, int virtual, boolean ofVirtual) {
        Rows result = rows.lengthened(virtual);
        long[] places = new long[ofVirtual ? result.tokens() - rows.tokens() : rows.tokens()];
        int at = 0;
        long place = 0;
        for (int row = 0; row < rows.count(); row++) {
            int before = result.lengths()[row] - rows.lengths()[row];
            for (int i = 0; i < result.lengths()[row]; i++, place++) {
                if (i < before == ofVirtual) {
                    places[at++] = place;
                }
            }
        }
        return places;
    }
}
