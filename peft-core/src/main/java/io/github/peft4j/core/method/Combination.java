package io.github.peft4j.core.method;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How adapters become one: what Hugging Face PEFT's {@code add_weighted_adapter} calls {@code combination_type}, with its options.
 * {@code Combination.ties(0.5).bySvd()} is its {@code ties_svd}. A method may have only some of them.
 *
 * @param kind what is done with the adapters' values
 * @param ofProducts whether it is done with the whole changes of weights, which are then decomposed ({@code svd}), or with the adapters'
 *     values themselves, factor by factor
 * @param svdRank rank of the decomposition, or null for the largest of the adapters'
 * @param svdClamp quantile at which the decomposition's values are cut off, from 0 to 1, or null
 * @param density the fraction of values that pruning keeps; from 1 on nothing is pruned
 * @param majoritySign how {@link Kind#TIES} and {@link Kind#DARE_TIES} elect signs
 * @param seed of what is kept by chance
 */
public record Combination(
        Kind kind,
        boolean ofProducts,
        @Nullable Integer svdRank,
        @Nullable Double svdClamp,
        double density,
        MajoritySign majoritySign,
        long seed) {

    private static final String SVD = "svd";
    private static final String OF_PRODUCTS = "_svd";

    /** What is done with adapters' values. */
    public enum Kind {
        /** Adds them, weighted. */
        LINEAR,
        /** Puts them side by side. */
        CAT,
        /**
         * Keeps the largest of each adapter, elects a sign for each place and averages what has it.
         *
         * @see <a href="https://arxiv.org/abs/2306.01708">Yadav et al. 2023</a>
         */
        TIES,
        /**
         * Keeps values by chance, scaled up for those that go, and adds them.
         *
         * @see <a href="https://arxiv.org/abs/2311.03099">Yu et al. 2023</a>
         */
        DARE_LINEAR,
        /** Keeps values by chance, then goes on as {@link #TIES}. */
        DARE_TIES,
        /** Keeps the largest of each adapter and adds them. */
        MAGNITUDE_PRUNE;

        /** Whether only some of the values are kept. */
        public boolean prunes() {
            return this != LINEAR && this != CAT;
        }

        /** Whether what is kept is left to chance. */
        public boolean draws() {
            return this == DARE_LINEAR || this == DARE_TIES;
        }

        /** Whether signs are elected. */
        public boolean electsSigns() {
            return this == TIES || this == DARE_TIES;
        }
    }

    /** How the sign of a place is elected. */
    public enum MajoritySign {
        /** That of the sum of its values. */
        TOTAL,
        /** That which most of its values have. */
        FREQUENCY
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is out of range or does not go with the kind
     */
    public Combination {
        if (kind == Kind.CAT && ofProducts) {
            throw new IllegalArgumentException("Invalid combination_type: cat_svd");
        }
        if (!(density >= 0)) {
            throw new IllegalArgumentException("Density should be >= 0, got " + density);
        }
        if (kind.draws() && density == 0) {
            throw new IllegalArgumentException(
                    "a density of 0 leaves " + kind + " nothing to scale up: give one above 0");
        }
        if (svdRank != null && svdRank < 1) {
            throw new IllegalArgumentException("svd_rank must be at least 1, got " + svdRank);
        }
        if (svdClamp != null && !(svdClamp >= 0 && svdClamp <= 1)) {
            throw new IllegalArgumentException("svd_clamp is a quantile from 0 to 1, got " + svdClamp);
        }
        if (!ofProducts && (svdRank != null || svdClamp != null)) {
            throw new IllegalArgumentException(
                    "svd_rank and svd_clamp are for combinations that end in a decomposition, not for "
                            + kind.name().toLowerCase(Locale.ROOT));
        }
    }

    private static Combination of(Kind kind, double density, long seed) {
        return new Combination(kind, false, null, null, density, MajoritySign.TOTAL, seed);
    }

    /** Adds values, weighted. For LoRA a rough approximation, since both factors are added apart. */
    public static Combination linear() {
        return of(Kind.LINEAR, 1, 0);
    }

    /** Puts adapters side by side: exact, at the sum of their ranks. */
    public static Combination cat() {
        return of(Kind.CAT, 1, 0);
    }

    /** Adds the whole changes, weighted, and decomposes the sum: as near as its rank allows. */
    public static Combination svd() {
        return linear().bySvd();
    }

    /** See {@link Kind#TIES}. */
    public static Combination ties(double density) {
        return of(Kind.TIES, density, 0);
    }

    /** See {@link Kind#DARE_LINEAR}. */
    public static Combination dareLinear(double density, long seed) {
        return of(Kind.DARE_LINEAR, density, seed);
    }

    /** See {@link Kind#DARE_TIES}. */
    public static Combination dareTies(double density, long seed) {
        return of(Kind.DARE_TIES, density, seed);
    }

    /** See {@link Kind#MAGNITUDE_PRUNE}. */
    public static Combination magnitudePrune(double density) {
        return of(Kind.MAGNITUDE_PRUNE, density, 0);
    }

    /**
     * A combination by Hugging Face's name for it.
     *
     * @param type for example {@code dare_ties_svd}
     * @param density null for the kinds that do not prune
     * @throws IllegalArgumentException if there is no such type, or it needs a density and none is given
     */
    public static Combination named(String type, @Nullable Double density, long seed) {
        boolean products = type.equals(SVD) || type.endsWith(OF_PRODUCTS);
        String factors =
                type.equals(SVD) ? "linear" : products ? type.substring(0, type.length() - OF_PRODUCTS.length()) : type;
        for (Kind kind : Kind.values()) {
            boolean twice = kind == Kind.LINEAR && !type.equals(SVD) && products;
            if (kind.name().toLowerCase(Locale.ROOT).equals(factors) && !twice) {
                if (kind.prunes() && density == null) {
                    throw new IllegalArgumentException(type + " needs a density, the fraction of values to keep");
                }
                Combination combination = of(kind, density == null ? 1 : density, seed);
                return products ? combination.bySvd() : combination;
            }
        }
        throw new IllegalArgumentException("Invalid combination_type: " + type);
    }

    /** The same, done with the whole changes of weights, which are then decomposed. */
    public Combination bySvd() {
        return new Combination(kind, true, svdRank, svdClamp, density, majoritySign, seed);
    }

    /** The same with another rank of the decomposition. */
    public Combination withSvdRank(int rank) {
        return new Combination(kind, ofProducts, rank, svdClamp, density, majoritySign, seed);
    }

    /** The same with the decomposition's values cut off at a quantile. */
    public Combination withSvdClamp(double quantile) {
        return new Combination(kind, ofProducts, svdRank, quantile, density, majoritySign, seed);
    }

    /** The same with another way to elect signs. */
    public Combination withMajoritySign(MajoritySign method) {
        return new Combination(kind, ofProducts, svdRank, svdClamp, density, method, seed);
    }

    /** Hugging Face's name for it. */
    public String type() {
        String factors = kind.name().toLowerCase(Locale.ROOT);
        return !ofProducts ? factors : kind == Kind.LINEAR ? SVD : factors + OF_PRODUCTS;
    }
}
