package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import java.util.List;

/**
 * Rotary position embedding of queries and keys, by halves: \(y = x \cos(p\theta) + \mathrm{swap}(x) \sin(p\theta)\).
 *
 * <p>Shapes: x and y {@code [N, H, Dh]}; one angle per pair of values. Tables are made once per pass and shared by all layers. It has no
 * weights.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>
 */
public final class Rotary {

    private final float[] frequencies;
    private final double factor;

    /**
     * A rotation.
     *
     * @param frequencies angle per position of each pair, Dh / 2 values
     * @param factor multiplies cosine and sine; 1 unless a scaling scheme says otherwise
     */
    public Rotary(float[] frequencies, double factor) {
        this.frequencies = frequencies.clone();
        this.factor = factor;
    }

    /**
     * The plain frequencies \(\theta^{-2i/d}\) for heads of {@code headSize}, each step rounded to float32 as Hugging Face does: at
     * position 8000 the last bit of a frequency turns a pair by 0.0005.
     */
    public static float[] frequencies(int headSize, double theta) {
        float[] values = new float[headSize / 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 / (float) Math.pow(theta, 2f * i / headSize);
        }
        return values;
    }

    private record Tables(NDArray cos, NDArray sin, NDArray inverseSin) {}

    private Tables tables(Forward context, Precision precision) {
        return context.shared(this, () -> {
            Kernels k = context.kernels();
            try (NDArray positions = context.scope().longs(context.rows().positions());
                    NDArray angles = context.scope().floats(frequencies, frequencies.length)) {
                NDArray[] made = k.rotaryTables(positions, angles, factor, precision);
                return new Tables(made[0], made[1], made[2]);
            }
        });
    }

    /** Rotates each row's queries or keys by their positions. */
    public Activation rotate(Forward context, Activation x, Precision precision) {
        Kernels k = context.kernels();
        Tables tables = tables(context, precision);
        return context.record(
                k.rotary(x.array(), tables.cos, tables.sin),
                x.needsGradient(),
                List.of(),
                g -> x.accumulate(k.rotary(g, tables.cos, tables.inverseSin), k));
    }

    /** Writes the rotation of one token's queries and keys; returns their names. */
    String[] write(TokenScript script, String query, String key, Precision precision) {
        String cos = script.table(List.of(this, "cos"), context -> tables(context, precision).cos);
        String sin = script.table(List.of(this, "sin"), context -> tables(context, precision).sin);
        return script.lines(2, "self.token_rotary(" + query + ", " + key + ", " + cos + ", " + sin + ")");
    }
}
