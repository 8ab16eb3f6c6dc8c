package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Linear;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How A and B begin; the values of {@code init_lora_weights}.
 *
 * <p>{@link Kind#PISSA} and {@link Kind#OLORA} take A and B out of the base weight, which keeps the rest. They depend on nothing but the
 * weight, so that loading an adapter finds the same rest again, as Hugging Face PEFT does.
 *
 * @param iterations subspace iterations of an approximate PiSSA, or -1 for the exact one
 */
record LoraInitialization(Kind kind, int iterations) {

    /** The ways to begin. */
    enum Kind {
        /** A uniform within 1 / sqrt(in), B zero. */
        UNIFORM,
        /** A normal with deviation 1 / r, B zero. */
        GAUSSIAN,
        /** A and B uniform, as new linear layers are: the update is not zero. */
        RANDOM,
        /** The largest singular values and vectors. */
        PISSA,
        /** The first columns of Q and rows of R. */
        OLORA,
        /** Factors from orthogonal subspaces, whose product is zero. */
        ORTHOGONAL
    }

    private static final Pattern PISSA_NITER = Pattern.compile("pissa_niter_(\\d+)");

    /** A and B, and what remains in the base weight if that is not what it was: [out, in], float32. */
    record Initial(NDArray a, NDArray b, @Nullable NDArray rest) {}

    /**
     * Reads {@code init_lora_weights}.
     *
     * @param value {@code true}, {@code false} or a name
     * @throws IllegalArgumentException if there is no such way
     */
    static LoraInitialization of(Object value) {
        if (value instanceof Boolean) {
            return new LoraInitialization((Boolean) value ? Kind.UNIFORM : Kind.RANDOM, -1);
        }
        String name = value.toString();
        Matcher approximate = PISSA_NITER.matcher(name);
        if (approximate.matches()) {
            return new LoraInitialization(Kind.PISSA, Integer.parseInt(approximate.group(1)));
        }
        return new LoraInitialization(
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "true" -> Kind.UNIFORM;
                    case "false" -> Kind.RANDOM;
                    case "gaussian" -> Kind.GAUSSIAN;
                    case "pissa" -> Kind.PISSA;
                    case "olora" -> Kind.OLORA;
                    case "orthogonal" -> Kind.ORTHOGONAL;
                    default ->
                        throw new IllegalArgumentException(
                                "Unknown initialization init_lora_weights='" + name
                                        + "': expected true, false, gaussian, pissa, pissa_niter_[number of iters], olora or orthogonal");
                },
                -1);
    }

    /** Whether the base weight changes. */
    boolean changesBase() {
        return kind == Kind.PISSA || kind == Kind.OLORA;
    }

    /**
     * Factors for a linear layer, owned by its weight's scope.
     *
     * @throws IllegalArgumentException if the rank does not suit
     */
    Initial linear(Linear layer, int rank, double scale, SplittableRandom random) {
        Scope scope = layer.weight().scope();
        long in = layer.in();
        long out = layer.out();
        double bound = 1 / Math.sqrt(in);
        return switch (kind) {
            case UNIFORM ->
                new Initial(
                        scope.floats(uniform(random, rank * in, bound), rank, in),
                        scope.zeros(Precision.FLOAT32, out, rank),
                        null);
            case GAUSSIAN ->
                new Initial(
                        scope.floats(normal(random, rank * in, 1.0 / rank), rank, in),
                        scope.zeros(Precision.FLOAT32, out, rank),
                        null);
            case RANDOM ->
                new Initial(
                        scope.floats(uniform(random, rank * in, bound), rank, in),
                        scope.floats(uniform(random, out * rank, 1 / Math.sqrt(rank)), out, rank),
                        null);
            case ORTHOGONAL -> orthogonal(scope, in, out, rank, random);
            case PISSA, OLORA -> fromWeight(layer, rank, scale);
        };
    }

    /** Factors of an embedding: nothing changes at first, unless the way is {@link Kind#RANDOM}; owned by {@code scope}. */
    Initial embedding(Scope scope, long rows, long width, int rank, SplittableRandom random) {
        NDArray a = kind == Kind.RANDOM
                ? scope.floats(normal(random, rank * rows, 1), rank, rows)
                : scope.zeros(Precision.FLOAT32, rank, rows);
        return new Initial(a, scope.floats(normal(random, width * rank, 1), width, rank), null);
    }

    /** The bias of B [out]. */
    NDArray biasOfB(Scope scope, long out, int rank, SplittableRandom random) {
        return kind == Kind.RANDOM
                ? scope.floats(uniform(random, out, 1 / Math.sqrt(rank)), out)
                : scope.zeros(Precision.FLOAT32, out);
    }

    private Initial fromWeight(Linear layer, int rank, double scale) {
        if (rank > Math.min(layer.in(), layer.out())) {
            throw new IllegalArgumentException("init_lora_weights="
                    + kind.name().toLowerCase(Locale.ROOT) + " needs a rank of at most "
                    + Math.min(layer.in(), layer.out()) + " in a layer of " + layer.in() + " inputs and " + layer.out()
                    + " outputs, got r=" + rank);
        }
        Kernels k = layer.weight().scope().kernels();
        try (NDArray stored = k.cast(layer.weight().array(), Precision.FLOAT32);
                NDArray w = layer.isConv1d() ? k.transpose(stored) : k.alias(stored)) {
            NDArray[] ab = kind == Kind.PISSA ? pissa(k, w, rank, scale) : olora(k, w, rank);
            try (NDArray product = k.matmul(ab[1], ab[0])) {
                k.scaleInto(product, scale);
                return new Initial(ab[0], ab[1], k.subtract(w, product));
            }
        }
    }

    private NDArray[] pissa(Kernels k, NDArray w, int rank, double scale) {
        LoraKernels lora = LoraKernels.of(k);
        NDArray[] usv = iterations < 0 ? lora.svd(w) : approximate(lora, k.scope(), w, rank);
        try (NDArray u = k.narrow(usv[0], 1, 0, rank);
                NDArray s = k.narrow(usv[1], 0, 0, rank);
                NDArray vh = k.narrow(usv[2], 0, 0, rank)) {
            return lora.spread(u, s, vh, scale);
        } finally {
            close(usv);
        }
    }

    /** From a start that is always the same: a loaded adapter needs the same rest as the one that was trained. */
    private NDArray[] approximate(LoraKernels lora, Scope scope, NDArray w, int rank) {
        long in = w.getShape().get(1);
        try (NDArray start = scope.floats(normal(new SplittableRandom(0), in * rank, 1), in, rank)) {
            return lora.svdLowRank(w, start, iterations);
        }
    }

    private static NDArray[] olora(Kernels k, NDArray w, int rank) {
        NDArray[] qr = LoraKernels.of(k).qr(w);
        try (NDArray q = k.narrow(qr[0], 1, 0, rank);
                NDArray r = k.narrow(qr[1], 0, 0, rank)) {
            return new NDArray[] {k.copy(r), copyRows(k, q)};
        } finally {
            close(qr);
        }
    }

    /** A copy that lies row by row, which {@code copy} of a strided view does not. */
    private static NDArray copyRows(Kernels k, NDArray x) {
        NDArray rows = k.contiguous(x);
        try (rows) {
            return k.copy(rows);
        }
    }

    /** The recipe of datta0's "Rethinking LoRA initialisation" that Hugging Face follows: even and odd rows of one rotation. */
    private static Initial orthogonal(Scope scope, long in, long out, int rank, SplittableRandom random) {
        if (rank % 2 != 0) {
            throw new IllegalArgumentException(
                    "Orthogonal initialization requires the LoRA rank to be even, got " + rank + " instead.");
        }
        Kernels k = scope.kernels();
        int half = rank / 2;
        NDArray[] qr;
        try (NDArray square = scope.floats(normal(random, (long) rank * rank, 1), rank, rank)) {
            qr = LoraKernels.of(k).qr(square);
        }
        try (NDArray pairs = k.reshape(qr[0], half, 2L * rank);
                NDArray odd = k.narrow(pairs, 1, 0, rank);
                NDArray even = k.narrow(pairs, 1, rank, rank);
                NDArray oddColumns = k.transpose(odd);
                NDArray left = scope.floats(normal(random, half * in, 0.1), half, in);
                NDArray right = scope.floats(normal(random, out * half, 0.1), out, half)) {
            return new Initial(k.matmul(oddColumns, left), k.matmul(right, even), null);
        } finally {
            close(qr);
        }
    }

    private static void close(NDArray[] arrays) {
        for (NDArray array : arrays) {
            array.close();
        }
    }

    private static float[] uniform(SplittableRandom random, long count, double bound) {
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }

    private static float[] normal(SplittableRandom random, long count, double deviation) {
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }
}
