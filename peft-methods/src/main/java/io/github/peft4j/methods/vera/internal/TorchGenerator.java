package io.github.peft4j.methods.vera.internal;

/**
 * The random numbers of torch's generator on a CPU: a Mersenne twister of 32 bits, of which a float takes the lower 24.
 *
 * <p>Bit for bit those of {@code torch.Generator(device="cpu").manual_seed(seed)}, so that what is drawn from a seed there can be drawn
 * here. Not safe for concurrent use.
 *
 * @see <a href="https://doi.org/10.1145/272991.272995">Matsumoto and Nishimura 1998</a>
 */
final class TorchGenerator {

    private static final int SIZE = 624;
    private static final int SHIFT = 397;
    private static final int MATRIX = 0x9908b0df;
    private static final int UPPER = 0x80000000;
    private static final int LOWER = 0x7fffffff;
    private static final int MULTIPLIER = 1812433253;
    private static final int FLOAT_BITS = 24;

    private final int[] state = new int[SIZE];
    private int next = SIZE;

    /** A generator that begins with a seed, of which torch uses the lower 32 bits. */
    TorchGenerator(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < SIZE; i++) {
            state[i] = MULTIPLIER * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    private int bits() {
        if (next == SIZE) {
            refill();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void refill() {
        for (int i = 0; i < SIZE; i++) {
            int joined = (state[i] & UPPER) | (state[(i + 1) % SIZE] & LOWER);
            int twisted = (joined >>> 1) ^ ((joined & 1) == 0 ? 0 : MATRIX);
            state[i] = state[(i + SHIFT) % SIZE] ^ twisted;
        }
        next = 0;
    }

    /** What {@code tensor.uniform_(-bound, bound)} puts into a tensor of so many float32 values, in their order. */
    float[] uniform(double bound, int count) {
        float from = (float) -bound;
        float width = (float) bound - from;
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            float share = (bits() & ((1 << FLOAT_BITS) - 1)) * 0x1p-24f;
            // Rounded once, as by torch's kernel where the processor can.
            values[i] = Math.fma(share, width, from);
        }
        return values;
    }
}
