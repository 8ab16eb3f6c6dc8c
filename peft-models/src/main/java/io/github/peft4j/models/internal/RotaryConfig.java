package io.github.peft4j.models.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.nn.attention.internal.DynamicNtk;
import io.github.peft4j.models.nn.attention.internal.LongRope;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Rotary;
import io.github.peft4j.models.nn.attention.internal.RotaryScaling;
import io.github.peft4j.models.nn.attention.internal.Yarn;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rotary positions as configs spell them: {@code rope_parameters} (transformers 5), or {@code rope_theta} with {@code rope_scaling}.
 *
 * @param theta base of the frequencies
 * @param share of the values of a head that are rotated; 0 for none
 * @param scaling how they are stretched
 * @param exact whether queries and keys are turned in float32, whatever the model's format
 */
public record RotaryConfig(double theta, double share, RotaryScaling scaling, boolean exact) {

    /** No rotation. */
    public static final RotaryConfig NONE = new RotaryConfig(1, 0, new RotaryScaling.None(), false);

    private static final double DEFAULT_THETA = 10000;
    private static final String ORIGINAL = "original_max_position_embeddings";

    /** A rotation of whole heads. */
    public RotaryConfig(double theta, RotaryScaling scaling) {
        this(theta, 1, scaling, false);
    }

    /**
     * What architectures call the values that stand outside {@code rope_parameters}, and have where they are absent.
     *
     * @param thetaKey key of theta
     * @param shareKey key of the share of a head that is rotated
     * @param share its default, or null where only whole heads are rotated
     * @param originalLength the default of {@code original_max_position_embeddings}, or 0 for none
     * @param types what {@code rope_type} may be; what is not here is refused
     */
    public record Spelling(
            double theta,
            String thetaKey,
            String shareKey,
            @Nullable Double share,
            int originalLength,
            Set<String> types) {

        /** Every type that is implemented. */
        public static final Set<String> TYPES = Set.of("default", "linear", "dynamic", "yarn", "longrope", "llama3");

        /** Llama's, which most have. */
        public static final Spelling LLAMA =
                new Spelling(DEFAULT_THETA, "rope_theta", "partial_rotary_factor", null, 0, TYPES);

        /** The same with another theta where none is named. */
        public Spelling withTheta(double other) {
            return new Spelling(other, thetaKey, shareKey, share, originalLength, types);
        }
    }

    /** Reads either spelling, as {@link #of(ConfigJson, Spelling)}. */
    public static RotaryConfig of(ConfigJson json) {
        return of(json, Spelling.LLAMA);
    }

    /**
     * Reads either spelling; where both are there the older one counts, as in transformers.
     *
     * @throws IllegalArgumentException if a value is bad, or what is asked for is not implemented
     */
    public static RotaryConfig of(ConfigJson json, Spelling spelling) {
        ConfigJson parameters = json.object("rope_scaling");
        if (parameters == null || parameters.isEmpty()) {
            parameters = json.object("rope_parameters");
        }
        if (parameters != null) {
            // Other architectures have one set of values per kind of layer; in these it would be misread as none at
            // all.
            parameters.refuse(LayerTypes.FULL);
            parameters.refuse(LayerTypes.SLIDING);
        }
        return of(json, parameters == null ? ConfigJson.empty() : parameters, spelling);
    }

    /**
     * Reads a set of values.
     *
     * @param json the config itself, for what does not stand in the set
     */
    public static RotaryConfig of(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        double theta = parameters.positiveOr(json.positiveOr(spelling.theta(), spelling.thetaKey()), "rope_theta");
        double share = share(json, parameters, spelling);
        return new RotaryConfig(theta, share, scaling(json, parameters, spelling), false);
    }

    /**
     * Reads the values of one kind of layers, which stand in {@code rope_parameters} under its name.
     *
     * @param layers the kind, as {@link LayerTypes} has it
     * @param scaling {@code rope_scaling} where it counts for this kind, or null
     */
    public static RotaryConfig of(ConfigJson json, String layers, @Nullable ConfigJson scaling, Spelling spelling) {
        ConfigJson all = json.object("rope_parameters");
        if (all != null) {
            all.refuse("rope_type");
        }
        ConfigJson own = all == null ? null : all.object(layers);
        if (scaling == null || scaling.isEmpty()) {
            return of(json, own == null ? ConfigJson.empty() : own, spelling);
        }
        if (own != null) {
            throw new IllegalArgumentException(
                    json.source() + " has both rope_scaling and rope_parameters for " + layers + ": leave one out");
        }
        return of(json, scaling, spelling);
    }

    private static double share(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        if (spelling.share() == null) {
            requireWholeHeads(json, spelling.shareKey());
            requireWholeHeads(parameters, "partial_rotary_factor");
            return 1;
        }
        double share =
                parameters.positiveOr(json.positiveOr(spelling.share(), spelling.shareKey()), "partial_rotary_factor");
        if (share > 1) {
            throw new IllegalArgumentException(
                    json.source() + ": " + spelling.shareKey() + " must be at most 1, got " + share);
        }
        return share;
    }

    private static void requireWholeHeads(ConfigJson json, String key) {
        if (json.positiveOr(1, key) != 1) {
            json.refuse(key);
        }
    }

    private static RotaryScaling scaling(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        String type = parameters.textOr("default", "rope_type", "type");
        if (!spelling.types().contains(type)) {
            throw new IllegalArgumentException(parameters.source() + ": rope_type \"" + type
                    + "\" is not implemented; expected one of "
                    + String.join(", ", spelling.types().stream().sorted().toList()));
        }
        return switch (type) {
            case "linear" -> new RotaryScaling.Linear(parameters.positive("factor"));
            case "dynamic" -> new DynamicNtk(parameters.positive("factor"), json.integer("max_position_embeddings"));
            case "yarn" -> yarn(json, parameters, spelling);
            case "longrope", "su" -> longRope(json, parameters, spelling);
            case "llama3" ->
                new RotaryScaling.Llama3(
                        parameters.positive("factor"),
                        parameters.positive("low_freq_factor"),
                        parameters.positive("high_freq_factor"),
                        originalLength(json, parameters, spelling));
            default -> new RotaryScaling.None();
        };
    }

    private static Yarn yarn(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        int original = originalLength(json, parameters, spelling);
        double divisor = parameters.isNull("factor")
                ? (double) json.integer("max_position_embeddings") / original
                : parameters.positive("factor");
        double factor =
                Yarn.factor(divisor, parameters.decimalOr(0, "mscale"), parameters.decimalOr(0, "mscale_all_dim"));
        return new Yarn(
                divisor,
                parameters.positiveOr(factor, "attention_factor"),
                parameters.positiveOr(32, "beta_fast"),
                parameters.positiveOr(1, "beta_slow"),
                original,
                parameters.flagOr(true, "truncate"));
    }

    private static LongRope longRope(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        int original = originalLength(json, parameters, spelling);
        double stretch = parameters.has("factor")
                ? parameters.positive("factor")
                : (double) json.integer("max_position_embeddings") / original;
        return new LongRope(
                parameters.positives("short_factor"),
                parameters.positives("long_factor"),
                parameters.positiveOr(LongRope.factor(stretch, original), "attention_factor"),
                original);
    }

    /** The config's own key counts more than the nested one; without either, the length the model is said to be made for. */
    private static int originalLength(ConfigJson json, ConfigJson parameters, Spelling spelling) {
        if (spelling.originalLength() > 0) {
            return json.integerOr(spelling.originalLength(), ORIGINAL);
        }
        return json.has(ORIGINAL) || !parameters.has(ORIGINAL)
                ? json.integer(ORIGINAL, "max_position_embeddings")
                : parameters.integer(ORIGINAL);
    }

    /**
     * Refuses heads that cannot be rotated so.
     *
     * @throws IllegalArgumentException if whole heads have an odd size, or the scaling does not fit it
     */
    public void requireFits(int headSize) {
        if (share == 1 && headSize % 2 != 0) {
            throw new IllegalArgumentException("rotary positions need an even head_dim, got " + headSize);
        }
        if (share > 0) {
            scaling.requireFits(size(headSize));
        }
    }

    /** The same rotation in float32. */
    public RotaryConfig exactly() {
        return new RotaryConfig(theta, share, scaling, true);
    }

    private int size(int headSize) {
        return (int) (headSize * share);
    }

    /** The rotation of heads of a size. */
    public Positions positions(int headSize) {
        int size = size(headSize);
        return size == 0 ? Positions.NONE : new Rotary(size, theta, scaling, exact);
    }
}
