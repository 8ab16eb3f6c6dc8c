package io.github.peft4j.models.nn.attention.internal;

/**
 * ALiBi: scores fall with distance, in each head by its own slope. The slopes are a geometric series for the largest power of two of
 * heads, every other value of the next finer series for the rest.
 *
 * @param slopes one per head
 * @see <a href="https://arxiv.org/abs/2108.12409">Press, Smith and Lewis 2021</a>
 */
public record Alibi(float[] slopes) implements Positions {

    /** The default slopes of so many heads. */
    public static Alibi of(int heads) {
        return new Alibi(slopes(heads));
    }

    /** One slope per head, as Hugging Face's {@code build_alibi_tensor}: powers of a base that is rounded to float32. */
    public static float[] slopes(int heads) {
        int power = Integer.highestOneBit(heads);
        float[] slopes = new float[heads];
        for (int i = 0; i < power; i++) {
            slopes[i] = (float) Math.pow(base(power), i + 1);
        }
        for (int i = power; i < heads; i++) {
            slopes[i] = (float) Math.pow(base(2 * power), 2 * (i - power) + 1);
        }
        return slopes;
    }

    /** \(2^{-8/n}\) for a power of two. */
    private static float base(int heads) {
        return (float) Math.pow(2, -8.0 / heads);
    }
}
