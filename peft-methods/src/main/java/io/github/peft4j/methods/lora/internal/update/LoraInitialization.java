package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.FirstValues;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How A and B begin; the values of {@code init_lora_weights}. In an embedding all of them but {@link Kind#RANDOM} begin alike, as in
 * Hugging Face PEFT: A zero, B normal.
 *
 * @param iterations subspace iterations of an approximate PiSSA, or -1 for the exact one
 */
public record LoraInitialization(Kind kind, int iterations) {

    /** The ways to begin. */
    public enum Kind {
        /** A uniform within 1 / sqrt(in), B zero. */
        UNIFORM,
        /** A normal with deviation 1 / r, B zero. */
        GAUSSIAN,
        /** A and B uniform, as new linear layers are: the update is not zero. */
        RANDOM,
        /** The largest singular values and vectors of the base weight, which keeps the rest. */
        PISSA,
        /** The first columns of Q and rows of R of the base weight, which keeps the rest. */
        OLORA,
        /** Factors from orthogonal subspaces, whose product is zero. */
        ORTHOGONAL,
        /** B the last left singular vectors of the base weight, never trained, A zero (MiCA). Saved ones only. */
        MINOR,
        /** As data or gradients say (EVA, LoRA-GA). Saved ones only. */
        FROM_DATA
    }

    private static final Pattern PISSA_NITER = Pattern.compile("pissa_niter_(\\d{1,4})");

    /** A and B, float32, owned by the scope of what they are for. */
    public record Initial(NDArray a, NDArray b) {}

    /**
     * Reads {@code init_lora_weights}.
     *
     * @param name {@code true}, {@code false} or a name
     * @throws IllegalArgumentException if there is no such way
     */
    public static LoraInitialization of(String name) {
        Matcher approximate = PISSA_NITER.matcher(name);
        if (approximate.matches()) {
            return new LoraInitialization(Kind.PISSA, Integer.parseInt(approximate.group(1)));
        }
        if (name.equals("pissa")) {
            return new LoraInitialization(Kind.PISSA, -1);
        }
        if (name.startsWith("pissa")) {
            throw new IllegalArgumentException(
                    "init_lora_weights should be 'pissa' or 'pissa_niter_[number of iters]', got " + name
                            + " instead.");
        }
        return new LoraInitialization(
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "true" -> Kind.UNIFORM;
                    case "false" -> Kind.RANDOM;
                    case "gaussian" -> Kind.GAUSSIAN;
                    case "olora" -> Kind.OLORA;
                    case "orthogonal" -> Kind.ORTHOGONAL;
                    case "mica" -> Kind.MINOR;
                    case "eva", "lora_ga" -> Kind.FROM_DATA;
                    default ->
                        throw new IllegalArgumentException("Unknown initialization init_lora_weights='" + name
                                + "'. Expected true, false, gaussian, pissa, pissa_niter_[number of iters], olora or"
                                + " orthogonal.");
                },
                -1);
    }

    /** Whether new factors can begin so here; if not, only those can be used that began elsewhere. */
    public boolean isImplemented() {
        return kind != Kind.MINOR && kind != Kind.FROM_DATA;
    }

    /** Whether B stays as it began. */
    public boolean freezesB() {
        return kind == Kind.MINOR;
    }

    /**
     * Whether the factors are taken out of the base weight, which then lacks them. Their first values depend on nothing but that weight:
     * loading an adapter takes the same out again.
     */
    public boolean takesFromBase() {
        return kind == Kind.PISSA || kind == Kind.OLORA;
    }

    /** Whether an output layer that is tied to an embedding begins, and so stays, with the embedding's factors. */
    public boolean staysTied() {
        return !takesFromBase() && kind != Kind.ORTHOGONAL;
    }

    /** The rank that a linear layer's factors have: no larger than the layer where they are taken out of its weight. */
    public int rank(Linear layer, int wanted) {
        return takesFromBase() ? (int) Math.min(wanted, Math.min(layer.in(), layer.out())) : wanted;
    }

    /**
     * Makes sure that a rank suits.
     *
     * @throws IllegalArgumentException if it does not
     */
    public void checkRank(int rank) {
        if (kind == Kind.ORTHOGONAL && rank % 2 != 0) {
            throw new IllegalArgumentException(
                    "Orthogonal initialization requires the LoRA rank to be even, got " + rank + " instead.");
        }
    }

    /** Factors for a linear layer. */
    public Initial linear(Linear layer, int rank, double scale, SplittableRandom random) {
        Scope scope = layer.weight().scope();
        long in = layer.in();
        long out = layer.out();
        return switch (kind) {
            case UNIFORM -> new Initial(FirstValues.uniform(scope, random, in, rank, in), zeros(scope, out, rank));
            case GAUSSIAN ->
                new Initial(FirstValues.normal(scope, random, 1.0 / rank, rank, in), zeros(scope, out, rank));
            case RANDOM ->
                new Initial(
                        FirstValues.uniform(scope, random, in, rank, in),
                        FirstValues.uniform(scope, random, rank, out, rank));
            case ORTHOGONAL -> SpectralFactors.orthogonal(scope, in, out, rank, random);
            case PISSA -> SpectralFactors.pissa(layer, rank, scale, iterations);
            case OLORA -> SpectralFactors.olora(layer, rank);
            case MINOR, FROM_DATA -> throw new IllegalStateException("factors of kind " + kind + " begin elsewhere");
        };
    }

    /** Factors of an embedding of {@code rows} vectors: nothing changes at first, unless the way is {@link Kind#RANDOM}. */
    public Initial embedding(Scope scope, long rows, long width, int rank, SplittableRandom random) {
        NDArray a = kind == Kind.RANDOM ? FirstValues.normal(scope, random, 1, rank, rows) : zeros(scope, rank, rows);
        return new Initial(a, FirstValues.normal(scope, random, 1, width, rank));
    }

    /** The bias of B [out]. */
    public NDArray biasOfB(Scope scope, long out, int rank, SplittableRandom random) {
        return kind == Kind.RANDOM ? FirstValues.uniform(scope, random, rank, out) : zeros(scope, out);
    }

    private static NDArray zeros(Scope scope, long... shape) {
        return FirstValues.zeros(scope, shape);
    }
}
