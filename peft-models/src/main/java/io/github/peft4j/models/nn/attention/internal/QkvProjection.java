package io.github.peft4j.models.nn.attention.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an attention module makes its queries, keys and values: by three layers, by one fused layer, with or without norms behind them. */
public interface QkvProjection {

    /**
     * Projects x [N, D].
     *
     * @return queries [N, H, Dh], keys and values [N, K, Dh]; the caller closes them
     */
    Activation[] project(Forward context, Activation x, Attention.Geometry geometry);

    /**
     * Projects x [N, D] to queries of some tokens, keys and values.
     *
     * @param tokens whose queries are asked for, int64 [M]
     * @return queries [M, H, Dh], keys and values [N, K, Dh]; the caller closes them
     */
    default Activation[] projectAt(Forward context, Activation x, NDArray tokens, Attention.Geometry geometry) {
        Activation[] qkv = project(context, x, geometry);
        try (Activation all = qkv[0]) {
            qkv[0] = Functions.rows(context, all, tokens);
        }
        return qkv;
    }

    /**
     * Projects x [N, D] to keys and values alone, without queries where that is less work.
     *
     * @return keys and values [N, K, Dh], not rotated; the caller closes them
     */
    Activation[] keysAndValues(Forward context, Activation x, Attention.Geometry geometry);

    /** Writes the projection; returns the names of queries, keys and values, whose heads may lie side by side in one dimension. */
    String[] write(TokenScript script, String x, Attention.Geometry geometry);

    /** Three layers: Llama and its kin. */
    record Separate(Slot query, Slot key, Slot value) implements QkvProjection {
        @Override
        public Activation[] project(Forward context, Activation x, Attention.Geometry geometry) {
            return new Activation[] {
                heads(context, query, x, geometry.heads(), geometry.headSize()),
                heads(context, key, x, geometry.keyValueHeads(), geometry.headSize()),
                heads(context, value, x, geometry.keyValueHeads(), geometry.headSize())
            };
        }

        @Override
        public Activation[] projectAt(Forward context, Activation x, NDArray tokens, Attention.Geometry geometry) {
            try (Activation some = Functions.rows(context, x, tokens)) {
                return new Activation[] {
                    heads(context, query, some, geometry.heads(), geometry.headSize()),
                    heads(context, key, x, geometry.keyValueHeads(), geometry.headSize()),
                    heads(context, value, x, geometry.keyValueHeads(), geometry.headSize())
                };
            }
        }

        @Override
        public Activation[] keysAndValues(Forward context, Activation x, Attention.Geometry geometry) {
            return new Activation[] {
                heads(context, key, x, geometry.keyValueHeads(), geometry.headSize()),
                heads(context, value, x, geometry.keyValueHeads(), geometry.headSize())
            };
        }

        @Override
        public String[] write(TokenScript script, String x, Attention.Geometry geometry) {
            return new String[] {script.write(query, x), script.write(key, x), script.write(value, x)};
        }

        private static Activation heads(Forward context, Slot slot, Activation x, int heads, int headSize) {
            Activation flat = slot.forward(context, x);
            Activation split = context.reshape(flat, flat.array().getShape().get(0), heads, headSize);
            flat.close();
            return split;
        }
    }

    /** How a fused layer's output is laid out. */
    enum Layout {
        /** Each head's query, key and value together, as in Bloom; as many heads of keys as of queries. */
        INTERLEAVED,
        /** All queries, then all keys, then all values, as in GPT-2. */
        BLOCKS
    }

    /** One fused layer. */
    record Fused(Slot qkv, Layout layout) implements QkvProjection {
        @Override
        public Activation[] project(Forward context, Activation x, Attention.Geometry geometry) {
            AttentionKernels k = AttentionKernels.of(context.scope());
            Activation fused = qkv.forward(context, x);
            NDArray[] parts = layout == Layout.INTERLEAVED
                    ? k.splitInterleaved(fused.array(), geometry.heads())
                    : k.splitBlocks(fused.array(), geometry.heads(), geometry.keyValueHeads());
            fused.close();
            if (!context.isRecording() || !fused.needsGradient()) {
                return new Activation[] {
                    Activation.constant(parts[0]), Activation.constant(parts[1]), Activation.constant(parts[2])
                };
            }
            Kernels kernels = context.kernels();
            return context.tape()
                    .push(parts, java.util.List.of(), g -> fused.accumulate(join(kernels, k, g, geometry), kernels));
        }

        @Override
        public Activation[] keysAndValues(Forward context, Activation x, Attention.Geometry geometry) {
            Activation[] all = project(context, x, geometry);
            all[0].close();
            return new Activation[] {all[1], all[2]};
        }

        @Override
        public String[] write(TokenScript script, String x, Attention.Geometry geometry) {
            String fused = script.write(qkv, x);
            return script.lines(
                    3,
                    layout == Layout.INTERLEAVED
                            ? "self.split_interleaved(" + fused + ", " + geometry.heads() + ")"
                            : "self.split_blocks(" + fused + ", " + geometry.heads() + ", " + geometry.keyValueHeads()
                                    + ")");
        }

        private NDArray join(Kernels kernels, AttentionKernels k, @Nullable NDArray[] g, Attention.Geometry geometry) {
            NDArray query = g[0];
            NDArray key = Objects.requireNonNull(g[1]);
            NDArray value = Objects.requireNonNull(g[2]);
            if (query != null) {
                return join(k, query, key, value);
            }
            // The queries were not used, as in keysAndValues.
            long[] shape = {key.getShape().get(0), geometry.heads(), geometry.headSize()};
            try (NDArray zeros = kernels.scope().zeros(kernels.precision(key), shape)) {
                return join(k, zeros, key, value);
            }
        }

        private NDArray join(AttentionKernels k, NDArray query, NDArray key, NDArray value) {
            return layout == Layout.INTERLEAVED
                    ? k.joinInterleaved(query, key, value)
                    : k.joinBlocks(query, key, value);
        }
    }

    /**
     * Norms of queries and keys behind another projection.
     *
     * @param perHead whether each head is normalised by itself, or all heads of a token together
     */
    record Normed(QkvProjection projection, Slot queryNorm, Slot keyNorm, boolean perHead) implements QkvProjection {
        @Override
        public Activation[] project(Forward context, Activation x, Attention.Geometry geometry) {
            Activation[] qkv = projection.project(context, x, geometry);
            return new Activation[] {
                norm(context, queryNorm, qkv[0], geometry.heads(), geometry),
                norm(context, keyNorm, qkv[1], geometry.keyValueHeads(), geometry),
                qkv[2]
            };
        }

        @Override
        public Activation[] keysAndValues(Forward context, Activation x, Attention.Geometry geometry) {
            Activation[] kv = projection.keysAndValues(context, x, geometry);
            return new Activation[] {norm(context, keyNorm, kv[0], geometry.keyValueHeads(), geometry), kv[1]};
        }

        /** Closes x. */
        private Activation norm(Forward context, Slot norm, Activation x, int heads, Attention.Geometry geometry) {
            if (perHead) {
                try (x) {
                    return norm.forward(context, x);
                }
            }
            long tokens = x.array().getShape().get(0);
            try (x;
                    Activation flat = context.reshape(x, tokens, (long) heads * geometry.headSize());
                    Activation normed = norm.forward(context, flat)) {
                return context.reshape(normed, tokens, heads, geometry.headSize());
            }
        }

        @Override
        public String[] write(TokenScript script, String x, Attention.Geometry geometry) {
            String[] qkv = projection.write(script, x, geometry);
            return new String[] {
                write(script, queryNorm, qkv[0], geometry.heads(), geometry),
                write(script, keyNorm, qkv[1], geometry.keyValueHeads(), geometry),
                qkv[2]
            };
        }

        private String write(TokenScript script, Slot norm, String x, int heads, Attention.Geometry geometry) {
            String shape =
                    perHead ? heads + ", " + geometry.headSize() : Long.toString((long) heads * geometry.headSize());
            return script.write(norm, script.line("torch.reshape(" + x + ", [-1, " + shape + "])"));
        }
    }
}
