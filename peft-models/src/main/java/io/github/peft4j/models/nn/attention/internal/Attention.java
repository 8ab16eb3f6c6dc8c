package io.github.peft4j.models.nn.attention.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.internal.KeyValue;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.internal.Selective;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention of each row by itself, causal or not as its scores have it: \(y = W_o\,\mathrm{softmax}(\mathrm{cap}(q k^\top \cdot s) + m)\,v\), with grouped keys
 * and values. Its parts are put together by {@link #of}: a {@link QkvProjection}, {@link Positions}, {@link Scores} and an output
 * projection. A prefix of keys and values and a cache come with the pass. Whatever else its queries attend to is a {@link SideAttention}.
 *
 * <p>Shapes: x and y {@code [N, D]}; queries {@code [N, H, Dh]}; keys and values {@code [N, K, Dh]}. Which rows save their
 * probabilities for the backward pass: see {@link io.github.peft4j.models.kernel.internal.LongRows}.
 */
public final class Attention extends Module implements Scripted, Selective {

    /**
     * Sizes, and what places and scores are made of.
     *
     * @param layer index of this layer in caches and prefixes
     * @param heads H
     * @param keyValueHeads K
     * @param headSize Dh
     */
    public record Geometry(
            int layer,
            int heads,
            int keyValueHeads,
            int headSize,
            Positions positions,
            Scores scores,
            Precision precision) {}

    private final Geometry geometry;
    private final AttentionMasks masks;
    private final List<SideAttention> sides = new ArrayList<>();
    private @Nullable QkvProjection projection;
    private @Nullable Slot output;

    private Attention(Geometry geometry) {
        this.geometry = geometry;
        this.masks = new AttentionMasks(geometry);
    }

    /** Begins an attention; {@link Parts#output} ends it. */
    public static Parts of(Geometry geometry) {
        return new Parts(new Attention(geometry));
    }

    /** An attention that still lacks parts. */
    public static final class Parts {

        private final Attention attention;

        private Parts(Attention attention) {
            this.attention = attention;
        }

        /** Three projections {@code q_proj}, {@code k_proj} and {@code v_proj}. */
        public Parts separate(Linear query, Linear key, Linear value) {
            return separate("q_proj", query, "k_proj", key, "v_proj", value);
        }

        /** Three projections under their names. */
        public Parts separate(
                String queryName, Linear query, String keyName, Linear key, String valueName, Linear value) {
            attention.projection = new QkvProjection.Separate(
                    attention.child(queryName, query, Role.QUERY),
                    attention.child(keyName, key, Role.KEY),
                    attention.child(valueName, value, Role.VALUE));
            return this;
        }

        /** One fused projection. */
        public Parts fused(String name, Linear qkv, QkvProjection.Layout layout) {
            attention.projection = new QkvProjection.Fused(attention.child(name, qkv, Role.QUERY_KEY_VALUE), layout);
            return this;
        }

        /** Norms {@code q_norm} and {@code k_norm} behind the projection, see {@link QkvProjection.Normed}. */
        public Parts norms(Module query, Module key, boolean perHead) {
            attention.projection = new QkvProjection.Normed(
                    attention.projection(),
                    attention.child("q_norm", query, Role.NORM),
                    attention.child("k_norm", key, Role.NORM),
                    perHead);
            return this;
        }

        /** The output projection, which completes it. */
        public Attention output(String name, Linear out) {
            attention.output = attention.child(name, out, Role.ATTENTION_OUTPUT);
            return attention;
        }
    }

    /** Sizes and positions. */
    public Geometry geometry() {
        return geometry;
    }

    /** How queries, keys and values are made. */
    public QkvProjection projection() {
        return Objects.requireNonNull(projection, "an attention needs a projection");
    }

    private Slot output() {
        return Objects.requireNonNull(output, "an attention needs an output projection");
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation[] qkv = projection().project(context, x, geometry);
        place(context, qkv, 0);
        place(context, qkv, 1);
        return mix(
                context,
                qkv,
                context.cache() == null
                        ? attend(context, qkv, context.rows().lengths())
                        : attendCached(context, context.cache(), qkv));
    }

    /** Queries of some tokens alone; keys and values of all. */
    @Override
    public Activation forwardAt(Forward context, Activation x, NDArray tokens) {
        int[] queries =
                saves(context, tokens) ? context.rows().counts(context.kernels().toLongs(tokens)) : null;
        if (queries == null) {
            try (Activation all = forward(context, x)) {
                return Functions.rows(context, all, tokens);
            }
        }
        Activation[] qkv = projection().projectAt(context, x, tokens, geometry);
        return mix(context, qkv, attend(context, qkv, queries));
    }

    /** Where a query sees its whole row whatever its place, and few are asked for: copies of most would cost more than they save. */
    @Override
    public boolean saves(Forward context, NDArray tokens) {
        return 2 * tokens.size() <= context.rows().tokens()
                && geometry.positions() == Positions.NONE
                && sides.isEmpty()
                && context.cache() == null
                && context.rows().selection() == null
                && masks.attending(context).hidesNothing();
    }

    /** What comes of what queries saw, and of the sides; closes both. */
    private Activation mix(Forward context, Activation[] qkv, Activation seen) {
        Activation mixed = seen;
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
        Activation y = output().forward(context, flat);
        flat.close();
        return y;
    }

    private void place(Forward context, Activation[] qkv, int index) {
        Activation placed = geometry.positions().place(context, qkv[index], geometry);
        if (placed != qkv[index]) {
            qkv[index].close();
            qkv[index] = placed;
        }
    }

    private Activation attend(Forward context, Activation[] qkv, int[] queries) {
        Kernels k = context.kernels();
        Activation q = qkv[0];
        Activation key = qkv[1];
        Activation value = qkv[2];
        KeyValue prefix = context.prefix(geometry.layer());
        NDArray pk = prefix == null ? null : prefix.key().array();
        NDArray pv = prefix == null ? null : prefix.value().array();
        int[] lengths = context.rows().lengths();
        Attending how = masks.attending(context);
        AttentionKernels attention = AttentionKernels.of(context.scope());
        AttentionKernels.Attended attended = attention.attend(
                q.array(), key.array(), value.array(), pk, pv, queries, lengths, masks.of(context), how);
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
                    g, attended.saved(), saved.get(0), saved.get(1), saved.get(2), pk, pv, queries, lengths, how);
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
        Attending how = masks.attending(context);
        AttentionKernels attention = AttentionKernels.of(context.scope());
        List<NDArray> seen = masks.of(context);
        List<NDArray> outcomes = new ArrayList<>();
        long start = 0;
        for (int row = 0; row < lengths.length; row++) {
            try (NDArray q = k.narrow(qkv[0].array(), 0, start, lengths[row]);
                    NDArray key = k.narrow(qkv[1].array(), 0, start, lengths[row]);
                    NDArray value = k.narrow(qkv[2].array(), 0, start, lengths[row]);
                    KeyValueCache.View all = cache.append(row, geometry.layer(), key, value)) {
                outcomes.add(attention.attendCached(q, all.key(), all.value(), seen.get(row), how));
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
        String[] qkv = projection().write(script, x, geometry);
        String[] placed = geometry.positions().write(script, qkv[0], qkv[1], geometry);
        Scores scores = geometry.scores();
        String mixed = script.line("self.token_attend(" + placed[0] + ", " + placed[1] + ", " + qkv[2]
                + ", keys, values, " + script.buffersOf(geometry.layer()) + ", past, " + scores.window() + ", "
                + masks.write(script) + ", " + scores.scale() + ", " + scores.cap() + ")");
        String y = script.write(output(), writeBeside(script, placed[0], mixed, true));
        return writeBeside(script, placed[0], y, false);
    }
}
