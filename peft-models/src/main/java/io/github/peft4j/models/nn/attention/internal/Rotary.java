package io.github.peft4j.models.nn.attention.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.TokenScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Rotary position embedding of queries and keys, by halves: \(y = x \cos(p\theta) + \mathrm{swap}(x) \sin(p\theta)\).
 *
 * <p>Shapes: x and y {@code [N, H, Dh]}; one angle per pair of values, of the first R values of each head where R is smaller than Dh.
 * Tables are made once per pass and shared by all layers. It has no weights.
 *
 * <p>Frequencies that change with the length of the text are those of each row's own length in a pass; keys in a cache stay as they were
 * turned.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>
 */
public final class Rotary implements Positions {

    private final IntFunction<float[]> frequencies;
    private final int size;
    private final double factor;
    private final boolean exact;
    private final int alikeUpTo;

    /**
     * A rotation.
     *
     * @param size R, values of each head that are turned, an even number
     * @param theta base of the frequencies
     * @param scaling how they are stretched
     * @param exact whether queries and keys are turned in float32, and rounded to the model's format at the end
     */
    public Rotary(int size, double theta, RotaryScaling scaling, boolean exact) {
        this.exact = exact;
        this.size = size + size % 2;
        this.alikeUpTo = scaling.alikeUpTo();
        this.frequencies = alikeUpTo < Integer.MAX_VALUE
                ? length -> scaling.frequencies(size, theta, length)
                : always(scaling.frequencies(size, theta, 0));
        this.factor = scaling.factor();
    }

    private static IntFunction<float[]> always(float[] values) {
        return length -> values;
    }

    /**
     * The plain frequencies \(\theta^{-2i/d}\) for heads of {@code headSize}, each step rounded to float32 as Hugging Face does: at
     * position 8000 the last bit of a frequency turns a pair by 0.0005.
     */
    public static float[] frequencies(int headSize, double theta) {
        float[] values = new float[(headSize + 1) / 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 / wave(i, headSize, theta);
        }
        return values;
    }

    /** \(\theta^{2i/d}\), rounded to float32. */
    public static float wave(int pair, int headSize, double theta) {
        return (float) Math.pow(theta, 2f * pair / headSize);
    }

    private record Tables(NDArray cos, NDArray sin, NDArray inverseSin) {}

    @Override
    public int alikeUpTo() {
        return alikeUpTo;
    }

    private Tables tables(Forward context, Precision precision) {
        return context.shared(this, () -> makeTables(context, precision));
    }

    /** One set of frequencies for all rows that are not too long for it, or that share their beginning; else each row has its own. */
    private Tables makeTables(Forward context, Precision precision) {
        Rows rows = context.rows();
        long[] numbers = rows.positions();
        int longest = (int) Arrays.stream(numbers).max().orElse(0) + 1;
        if (longest <= alikeUpTo || rows.count() == 1 || rows.sharedPrefix()) {
            return tables(context, numbers, longest, precision);
        }
        List<Tables> each = new ArrayList<>();
        int start = 0;
        for (int row = 0; row < rows.count(); row++) {
            int end = start + rows.lengths()[row];
            each.add(tables(
                    context,
                    Arrays.copyOfRange(numbers, start, end),
                    rows.past()[row] + rows.lengths()[row],
                    precision));
            start = end;
        }
        return new Tables(
                joined(context, each, Tables::cos),
                joined(context, each, Tables::sin),
                joined(context, each, Tables::inverseSin));
    }

    private static NDArray joined(Forward context, List<Tables> each, Function<Tables, NDArray> table) {
        List<NDArray> parts = each.stream().map(table).toList();
        NDArray all = context.kernels().concat(parts, 0);
        parts.forEach(NDArray::close);
        return all;
    }

    private Tables tables(Forward context, long[] numbers, int length, Precision precision) {
        float[] angles = frequencies.apply(length);
        try (NDArray positions = context.scope().longs(numbers);
                NDArray each = context.scope().floats(angles, angles.length)) {
            NDArray[] made = AttentionKernels.of(context.scope()).rotaryTables(positions, each, factor, precision);
            return new Tables(made[0], made[1], made[2]);
        }
    }

    /** Rotates each row's queries or keys by their positions. */
    @Override
    public Activation place(Forward context, Activation x, Attention.Geometry geometry) {
        Precision precision = geometry.precision();
        if (!exact || precision == Precision.FLOAT32) {
            return turned(context, x, precision);
        }
        try (Activation wide = Functions.cast(context, x, Precision.FLOAT32);
                Activation turned = turned(context, wide, Precision.FLOAT32)) {
            return Functions.cast(context, turned, precision);
        }
    }

    private Activation turned(Forward context, Activation x, Precision precision) {
        AttentionKernels k = AttentionKernels.of(context.scope());
        Tables tables = tables(context, precision);
        return context.record(
                k.rotary(x.array(), tables.cos, tables.sin),
                x.needsGradient(),
                List.of(),
                g -> x.accumulate(k.rotary(g, tables.cos, tables.inverseSin), context.kernels()));
    }

    @Override
    public String[] write(TokenScript script, String query, String key, Attention.Geometry geometry) {
        Precision precision = geometry.precision();
        if (!exact || precision == Precision.FLOAT32) {
            return written(script, query, key, precision, geometry.headSize());
        }
        String[] turned = written(
                script,
                script.line("torch.to(" + query + ", 6)"),
                script.line("torch.to(" + key + ", 6)"),
                Precision.FLOAT32,
                geometry.headSize());
        return new String[] {
            script.line("torch.to(" + turned[0] + ", " + precision.code() + ")"),
            script.line("torch.to(" + turned[1] + ", " + precision.code() + ")")
        };
    }

    private String[] written(TokenScript script, String query, String key, Precision precision, int headSize) {
        String cos = script.table(List.of(this, "cos"), context -> tables(context, precision).cos);
        String sin = script.table(List.of(this, "sin"), context -> tables(context, precision).sin);
        String arguments = query + ", " + key + ", " + cos + ", " + sin;
        return script.lines(
                2,
                size < headSize
                        ? "self.token_rotary_partial(" + arguments + ", " + headSize + ")"
                        : "self.token_rotary(" + arguments + ")");
    }
}
