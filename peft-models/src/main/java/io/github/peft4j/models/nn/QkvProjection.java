package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an attention module makes its queries, keys and values: three layers, or one fused layer. */
public sealed interface QkvProjection {

    /**
     * Projects x [N, D].
     *
     * @return queries [N, H, Dh], keys and values [N, K, Dh]; the caller closes them
     */
    Activation[] project(Forward context, Activation x, Attention.Geometry geometry);

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

    /**
     * One fused layer.
     *
     * @param interleaved whether each head's query, key and value lie together (Bloom), or all queries first (GPT-2)
     */
    record Fused(Slot qkv, boolean interleaved) implements QkvProjection {
        @Override
        public Activation[] project(Forward context, Activation x, Attention.Geometry geometry) {
            Kernels k = context.kernels();
            Activation fused = qkv.forward(context, x);
            NDArray[] parts = k.splitQkv(fused.array(), geometry.heads(), interleaved);
            fused.close();
            if (!context.isRecording() || !fused.needsGradient()) {
                return new Activation[] {
                    Activation.constant(parts[0]), Activation.constant(parts[1]), Activation.constant(parts[2])
                };
            }
            return context.tape().push(parts, java.util.List.of(), g -> fused.accumulate(join(k, g), k));
        }

        @Override
        public Activation[] keysAndValues(Forward context, Activation x, Attention.Geometry geometry) {
            Activation[] all = project(context, x, geometry);
            all[0].close();
            return new Activation[] {all[1], all[2]};
        }

        @Override
        public String[] write(TokenScript script, String x, Attention.Geometry geometry) {
            String split = interleaved ? "self.split_interleaved(" : "self.split_blocks(";
            return script.lines(3, split + script.write(qkv, x) + ", " + geometry.heads() + ")");
        }

        private NDArray join(Kernels k, @Nullable NDArray[] g) {
            NDArray query = g[0];
            NDArray key = Objects.requireNonNull(g[1]);
            NDArray value = Objects.requireNonNull(g[2]);
            if (query != null) {
                return k.joinQkv(query, key, value, interleaved);
            }
            // The queries were not used, as in keysAndValues.
            try (NDArray zeros =
                    k.scope().zeros(k.precision(key), key.getShape().getShape())) {
                return k.joinQkv(zeros, key, value, interleaved);
            }
        }
    }
}
