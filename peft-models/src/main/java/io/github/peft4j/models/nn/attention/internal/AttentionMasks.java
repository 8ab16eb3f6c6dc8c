package io.github.peft4j.models.nn.attention.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.LongRows;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.TokenScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the queries of an attention see of their rows, and how those are computed; all layers of one kind share it in a pass. */
record AttentionMasks(Attention.Geometry geometry) {

    private record Key(boolean causal, int window, int heads, int keyValueHeads, boolean alibi) {}

    private record Seen(List<NDArray> masks, @Nullable NDArray slopes) {}

    /** One mask per row; of a long one, which makes its own, an array without values. */
    List<NDArray> of(Forward context) {
        return seen(context).masks();
    }

    /** How the rows of a pass are attended to. */
    Attending attending(Forward context) {
        Scores scores = geometry.scores();
        return new Attending(
                scores.scale(),
                scores.cap(),
                scores.causal(),
                scores.window(),
                seen(context).slopes(),
                context.rows().sharedPrefix(),
                LongRows.on(context.scope().device()));
    }

    /** Writes ALiBi's bias of the longest row, of which a shorter one uses the first columns; {@code None} without ALiBi. */
    String write(TokenScript script) {
        if (geometry.positions().slopes() == null) {
            return "None";
        }
        return script.table(new Key(true, 0, geometry.heads(), geometry.keyValueHeads(), true), context -> {
            int longest = Arrays.stream(context.rows().past()).max().orElse(0);
            try (NDArray slopes = slopes(context)) {
                return mask(context, 1, longest, geometry.scores().withWindow(0), slopes);
            }
        });
    }

    private Seen seen(Forward context) {
        Key key = new Key(
                geometry.scores().causal(),
                geometry.scores().window(),
                geometry.heads(),
                geometry.keyValueHeads(),
                geometry.positions().slopes() != null);
        return context.shared(key, () -> makeSeen(context));
    }

    /** Rows of equal length and past share a mask. */
    private Seen makeSeen(Forward context) {
        Rows rows = context.rows();
        LongRows longRows = LongRows.on(context.scope().device());
        NDArray slopes = slopes(context);
        NDArray none = context.scope().longs(new long[0]);
        List<NDArray> masks = new ArrayList<>();
        Map<Long, NDArray> made = new HashMap<>();
        for (int row = 0; row < rows.count(); row++) {
            int n = rows.lengths()[row];
            int past = rows.past()[row];
            masks.add(
                    (context.cache() == null ? past + n : n) >= longRows.from()
                            ? none
                            : made.computeIfAbsent(
                                    ((long) past << 32) | n,
                                    unused -> mask(context, n, past, geometry.scores(), slopes)));
        }
        return new Seen(masks, slopes);
    }

    private @Nullable NDArray slopes(Forward context) {
        float[] slopes = geometry.positions().slopes();
        return slopes == null ? null : context.scope().floats(slopes, geometry.heads());
    }

    private NDArray mask(Forward context, int n, int past, Scores scores, @Nullable NDArray slopes) {
        int groups = geometry.keyValueHeads();
        int share = geometry.heads() / groups;
        try (NDArray like = context.scope().longs(0)) {
            return AttentionKernels.of(context.scope())
                    .mask(like, n, past, scores.causal(), scores.window(), groups, share, slopes, geometry.precision());
        }
    }
}
