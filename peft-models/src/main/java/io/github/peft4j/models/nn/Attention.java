package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Attending;
import io.github.peft4j.models.kernel.AttentionKernels;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.LongRows;
import io.github.peft4j.models.kernel.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Causal self-attention of each row by itself: \(y = W_o\,\mathrm{softmax}(q k^\top \cdot s + m)\,v\), with grouped keys and values,
 * rotary or ALiBi positions, a sliding window, a prefix of keys and values, and a cache, as its geometry and the pass ask for. Whatever
 * else its queries attend to is a {@link SideAttention}.
 *
 * <p>Shapes: x and y {@code [N, D]}; queries {@code [N, H, Dh]}; keys and values {@code [N, K, Dh]}. Which rows save their
 * probabilities for the backward pass: see {@link LongRows}.
 */
public final class Attention extends Module implements Scripted {

    /**
     * Sizes and positions.
     *
     * @param layer index of this layer in caches and prefixes
     * @param heads H
     * @param keyValueHeads K
     * @param headSize Dh
     * @param scale multiplies the products of queries and keys
     * @param window keys that a query sees, itself included; 0 for all
     * @param rotary rotation of queries and keys, or null
     * @param alibi ALiBi's slopes, H values, or null
     */
    public record Geometry(
            int layer,
            int heads,
            int keyValueHeads,
            int headSize,
            double scale,
            int window,
            @Nullable Rotary rotary,
            float @Nullable [] alibi,
            Precision precision) {}

    private final Geometry geometry;
    private final QkvProjection projection;
    private final Slot output;
    private final List<SideAttention> sides = new ArrayList<>();

    private Attention(
            Geometry geometry, String[] names, Module[] projections, boolean interleaved, String outName, Module out) {
        this.geometry = geometry;
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            slots.add(child(names[i], projections[i]));
        }
        this.projection = slots.size() == 1
                ? new QkvProjection.Fused(slots.get(0), interleaved)
                : new QkvProjection.Separate(slots.get(0), slots.get(1), slots.get(2));
        this.output = child(outName, out);
    }

    /** Attention with three projections {@code q_proj}, {@code k_proj}, {@code v_proj} and {@code o_proj}. */
    public static Attention separate(Geometry geometry, Linear query, Linear key, Linear value, Linear out) {
        return new Attention(
                geometry,
                new String[] {"q_proj", "k_proj", "v_proj"},
                new Module[] {query, key, value},
                false,
                "o_proj",
                out);
    }

    /** Attention with one fused projection; see {@link QkvProjection.Fused}. */
    public static Attention fused(
            Geometry geometry, String name, Linear qkv, boolean interleaved, String outName, Linear out) {
        return new Attention(geometry, new String[] {name}, new Module[] {qkv}, interleaved, outName, out);
    }

    /** Sizes and positions. */
    public Geometry geometry() {
        return geometry;
    }

    /** How queries, keys and values are made. */
    public QkvProjection projection() {
        return projection;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation[] qkv = projection.project(context, x, geometry);
        if (geometry.rotary() != null) {
            rotate(context, qkv, 0);
            rotate(context, qkv, 1);
        }
        Activation mixed = context.cache() == null ? attend(context, qkv) : attendCached(context, context.cache(), qkv);
        Activation projected = beside(context, qkv[0], true);
        Activation unprojected = beside(context, qkv[0], false);
        for (Activation part : qkv) {
            part.close();
        }
        mixed = sum(context, mixed, projected);
        Activation y = project(context, mixed);
        mixed.close();
        return sum(context, y, unprojected == null ? null : flat(context, unprojected));
    }

    // ---- sides

    /** Lets the queries attend to something more, beside what they attend to already. */
    public void attendTo(SideAttention side) {
        sides.add(side);
    }

    /** Undoes {@link #attendTo}; does nothing if it was not done. */
    public void forget(SideAttention side) {
        sides.removeIf(known -> known == side);
    }

    /** The sum of what the sides make of the queries that is added before the output projection, or after it; null if nothing is. */
    private @Nullable Activation beside(Forward context, Activation queries, boolean projected) {
        Activation all = null;
        for (SideAttention side : sides) {
            if (side.isOn() && side.isProjected() == projected) {
                Activation outcome = side.attend(context, queries);
                all = all == null ? outcome : sum(context, all, outcome);
            }
        }
        return all;
    }

    /** x + y, both closed; x itself if y is null. */
    private static Activation sum(Forward context, Activation x, @Nullable Activation y) {
        if (y == null) {
            return x;
        }
        Activation sum = context.add(x, y);
        x.close();
        y.close();
        return sum;
    }

    private String writeBeside(TokenScript script, String queries, String x, boolean projected) {
        String sum = x;
        for (SideAttention side : sides) {
            if (side.isOn() && side.isProjected() == projected) {
                sum = script.line("torch.add(" + sum + ", " + side.writeBeside(script, queries) + ")");
            }
        }
        return sum;
    }

    /** [N, H, Dh] as [N, H Dh]; x is closed. */
    private Activation flat(Forward context, Activation x) {
        Activation flat = reshaped(context, x);
        x.close();
        return flat;
    }

    private Activation reshaped(Forward context, Activation x) {
        return context.reshape(x, x.array().getShape().get(0), (long) geometry.heads() * geometry.headSize());
    }

    /** The output projection of heads' outcomes [N, H, Dh]. */
    public Activation project(Forward context, Activation mixed) {
        Activation flat = reshaped(context, mixed);
        Activation y = output.forward(context, flat);
        flat.close();
        return y;
    }

    private void rotate(Forward context, Activation[] qkv, int index) {
        Rotary rotary = java.util.Objects.requireNonNull(geometry.rotary());
        Activation rotated = rotary.rotate(context, qkv[index], geometry.precision());
        qkv[index].close();
        qkv[index] = rotated;
    }

    private Activation attend(Forward context, Activation[] qkv) {
        Kernels k = context.kernels();
        Activation q = qkv[0];
        Activation key = qkv[1];
        Activation value = qkv[2];
        KeyValue prefix = context.prefix(geometry.layer());
        NDArray pk = prefix == null ? null : prefix.key().array();
        NDArray pv = prefix == null ? null : prefix.value().array();
        int[] lengths = context.rows().lengths();
        Seen seen = seen(context);
        Attending how = attending(context, seen);
        AttentionKernels attention = AttentionKernels.of(context.scope());
        AttentionKernels.Attended attended =
                attention.attend(q.array(), key.array(), value.array(), pk, pv, lengths, seen.masks(), how);
        boolean needed = q.needsGradient()
                || key.needsGradient()
                || value.needsGradient()
                || (prefix != null
                        && (prefix.key().needsGradient() || prefix.value().needsGradient()));
        if (!context.isRecording() || !needed) {
            for (NDArray array : attended.saved()) {
                array.close();
            }
            return Activation.constant(attended.output());
        }
        List<NDArray> saved = context.save(true, q.array(), key.array(), value.array());
        List<NDArray> owned = new ArrayList<>(saved);
        owned.addAll(List.of(attended.saved()));
        return context.record(attended.output(), true, owned, g -> {
            NDArray[] gradients = attention.gradient(
                    g, attended.saved(), saved.get(0), saved.get(1), saved.get(2), pk, pv, lengths, how);
            give(q, gradients[0], k);
            give(key, gradients[1], k);
            give(value, gradients[2], k);
            if (prefix == null) {
                gradients[3].close();
                gradients[4].close();
            } else {
                give(prefix.key(), gradients[3], k);
                give(prefix.value(), gradients[4], k);
            }
        });
    }

    private static void give(Activation to, NDArray gradient, Kernels k) {
        if (to.needsGradient()) {
            to.accumulate(gradient, k);
        } else {
            gradient.close();
        }
    }

    private Activation attendCached(Forward context, KeyValueCache cache, Activation[] qkv) {
        Kernels k = context.kernels();
        int[] lengths = context.rows().lengths();
        Seen seen = seen(context);
        Attending how = attending(context, seen);
        AttentionKernels attention = AttentionKernels.of(context.scope());
        List<NDArray> outcomes = new ArrayList<>();
        long start = 0;
        for (int row = 0; row < lengths.length; row++) {
            try (NDArray q = k.narrow(qkv[0].array(), 0, start, lengths[row]);
                    NDArray key = k.narrow(qkv[1].array(), 0, start, lengths[row]);
                    NDArray value = k.narrow(qkv[2].array(), 0, start, lengths[row]);
                    KeyValueCache.View all = cache.append(row, geometry.layer(), key, value)) {
                outcomes.add(attention.attendCached(
                        q, all.key(), all.value(), seen.masks().get(row), how));
            }
            start += lengths[row];
        }
        if (outcomes.size() == 1) {
            return Activation.constant(outcomes.get(0));
        }
        NDArray joined = k.concat(outcomes, 0);
        outcomes.forEach(NDArray::close);
        return Activation.constant(joined);
    }

    @Override
    public String write(TokenScript script, String x) {
        String[] qkv = projection.write(script, x, geometry);
        Rotary rotary = geometry.rotary();
        if (rotary != null) {
            String[] turned = rotary.write(script, qkv[0], qkv[1], geometry.precision());
            qkv = new String[] {turned[0], turned[1], qkv[2]};
        }
        String mixed = script.line("self.token_attend(" + String.join(", ", qkv) + ", keys, values, "
                + script.buffersOf(geometry.layer()) + ", past, " + geometry.window() + ", " + bias(script) + ", "
                + geometry.scale() + ")");
        String y = script.write(output, writeBeside(script, qkv[0], mixed, true));
        return writeBeside(script, qkv[0], y, false);
    }

    /** ALiBi's bias of the longest row; a shorter one uses the first of its columns. */
    private String bias(TokenScript script) {
        if (geometry.alibi() == null) {
            return "None";
        }
        MaskKey key = new MaskKey(0, geometry.heads(), geometry.keyValueHeads(), true);
        return script.table(key, context -> {
            int longest = Arrays.stream(context.rows().past()).max().orElse(0);
            try (NDArray slopes = slopes(context)) {
                return mask(context, 1, longest, 0, slopes);
            }
        });
    }

    private record MaskKey(int window, int heads, int keyValueHeads, boolean alibi) {}

    /** What queries see in a pass; all layers of one kind share it. */
    private record Seen(List<NDArray> masks, @Nullable NDArray slopes) {}

    private Seen seen(Forward context) {
        MaskKey key =
                new MaskKey(geometry.window(), geometry.heads(), geometry.keyValueHeads(), geometry.alibi() != null);
        return context.shared(key, () -> makeSeen(context));
    }

    /** One mask per short row; rows of equal length and past share one. */
    private Seen makeSeen(Forward context) {
        Rows rows = context.rows();
        LongRows longRows = LongRows.on(context.scope().device());
        int window = geometry.window();
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
                                    ((long) past << 32) | n, unused -> mask(context, n, past, window, slopes)));
        }
        return new Seen(masks, slopes);
    }

    private Attending attending(Forward context, Seen seen) {
        LongRows longRows = LongRows.on(context.scope().device());
        return new Attending(
                geometry.scale(),
                geometry.window(),
                seen.slopes(),
                context.rows().opening(),
                longRows);
    }

    private @Nullable NDArray slopes(Forward context) {
        return geometry.alibi() == null ? null : context.scope().floats(geometry.alibi(), geometry.heads());
    }

    private NDArray mask(Forward context, int n, int past, int window, @Nullable NDArray slopes) {
        int groups = geometry.keyValueHeads();
        int share = geometry.heads() / groups;
        try (NDArray like = context.scope().longs(0)) {
            return AttentionKernels.of(context.scope())
                    .mask(like, n, past, window, groups, share, slopes, geometry.precision());
        }
    }
}
