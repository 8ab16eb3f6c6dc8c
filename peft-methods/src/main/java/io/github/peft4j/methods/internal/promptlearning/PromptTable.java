package io.github.peft4j.methods.internal.promptlearning;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The values that stand before every row: what a prompt method saves. They are trained themselves, or computed by an encoder that is.
 *
 * <p>Hugging Face PEFT's files hold the table alone. Here the encoder is kept in {@value #ENCODER_FILE} beside it; from a folder without
 * that file, or where the two do not belong together, the table itself is trained.
 */
public final class PromptTable {

    /** The table's key in the adapter file. */
    public static final String KEY = "prompt_embeddings";

    /** The file that the encoder is kept in, by the names of Hugging Face PEFT's module. */
    public static final String ENCODER_FILE = "prompt_encoder.safetensors";

    /** How far what another machine computed may be from what this one does, as a share of the largest value. */
    private static final double ROUNDING = 1e-4;

    private static final Logger LOG = LoggerFactory.getLogger(PromptTable.class);

    private final Weight table;
    private final @Nullable EncoderPlan plan;
    private final UnaryOperator<NDArray> layout;
    private @Nullable PromptEncoder encoder;
    /** Whether the encoder is made if its saved weights are found. */
    private boolean expectsEncoder;

    private boolean said;

    private PromptTable(
            Weight table, @Nullable EncoderPlan plan, @Nullable PromptEncoder encoder, UnaryOperator<NDArray> layout) {
        this.table = table;
        this.plan = plan;
        this.encoder = encoder;
        this.expectsEncoder = plan != null && encoder == null;
        this.layout = layout;
    }

    /** A table that is trained itself. */
    public static PromptTable of(Weight table) {
        return new PromptTable(table, null, null, UnaryOperator.identity());
    }

    /**
     * A table that an encoder computes.
     *
     * @param table [P, W], float32
     * @param first the encoder is made at once if it has values to begin with, otherwise where saved ones are found
     */
    public static PromptTable of(Weight table, EncoderPlan plan, NewWeights first) {
        return new PromptTable(table, plan, first.drawn() ? plan.make().get() : null, UnaryOperator.identity());
    }

    /** The same for a file whose values lie in another order: given those, {@code layout} returns a new array in the right one. */
    public PromptTable reordered(UnaryOperator<NDArray> other) {
        return new PromptTable(table, plan, encoder, other);
    }

    /**
     * The table for a pass.
     *
     * @return [P, W], float32; the caller closes it, or leaves it to the pass
     */
    public Activation compute(Forward context) {
        if (encoder != null) {
            return encoder.encode(context);
        }
        if (plan != null && !said && context.isRecording() && table.trainable()) {
            said = true;
            LOG.warn(
                    "training {} themselves: there is no {} beside them with the encoder that computed them",
                    KEY,
                    ENCODER_FILE);
        }
        Kernels k = context.kernels();
        return context.record(
                k.alias(table.array()),
                table.trainable(),
                List.of(),
                g -> table.accumulate(k.cast(g, Precision.FLOAT32)));
    }

    /** What is saved. */
    Weight table() {
        return table;
    }

    /** What is trained, by a name for messages. */
    Map<String, Weight> trainable() {
        if (encoder == null) {
            return Map.of(KEY, table);
        }
        Map<String, Weight> weights = new LinkedHashMap<>();
        encoder.weights().forEach((name, weight) -> weights.put("prompt_encoder." + name, weight));
        return weights;
    }

    Optional<Adapter.Sidecar> sidecar() {
        return plan == null
                ? Optional.empty()
                : Optional.of(new Adapter.Sidecar(ENCODER_FILE, plan.tensors(), this::encoderWeights));
    }

    /** The encoder's weights, made now if saved ones were found; none if the table itself is trained. */
    private Map<String, Weight> encoderWeights() {
        if (expectsEncoder) {
            encoder = Objects.requireNonNull(plan).make().get();
            expectsEncoder = false;
        }
        return encoder == null ? Map.of() : encoder.weights();
    }

    /** Puts into the table what the encoder computes now. */
    void refresh() {
        if (encoder != null) {
            try (NDArray computed = computed(encoder)) {
                table.assign(computed);
            }
        }
    }

    private NDArray computed(PromptEncoder by) {
        try (Forward context = Forward.inference(table.scope())) {
            return table.scope().adopt(by.encode(context).array());
        }
    }

    /** From now on the table itself is trained. */
    void dropEncoder() {
        expectsEncoder = false;
        if (encoder != null) {
            encoder.weights().values().forEach(Weight::free);
            encoder = null;
        }
    }

    /** Makes sure that what was loaded belongs together. */
    void loaded() {
        NDArray right = layout.apply(table.array());
        if (right != table.array()) {
            table.replace(right);
        }
        if (encoder == null) {
            return;
        }
        Kernels k = table.scope().kernels();
        try (NDArray computed = computed(encoder);
                NDArray difference = k.subtract(computed, table.array())) {
            // A comparison that is false for what is not a number.
            if (k.maxAbs(difference) <= ROUNDING * k.maxAbs(table.array())) {
                return;
            }
        }
        LOG.warn(
                "{} does not compute the {} that it lies beside, which another program has written since: it is left"
                        + " out, and those are used as they are",
                ENCODER_FILE,
                KEY);
        dropEncoder();
    }

    void free() {
        dropEncoder();
        table.free();
    }
}
