package io.github.peft4j.models.embedding;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.embedding.internal.DenseLayer;
import io.github.peft4j.models.embedding.internal.SentenceFiles;
import io.github.peft4j.models.embedding.internal.SentencePlan;
import io.github.peft4j.models.embedding.internal.Step;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Pooling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A vector for every row: hidden states, pooled, perhaps changed by linear layers, perhaps of the length 1. The transformer has no name
 * around it, as Hugging Face's {@code AutoModel}; what comes behind it is what a folder of sentence-transformers says, or, of a plain checkpoint, what
 * that library takes: the mean, or of a language model the last token.
 *
 * <p>Outputs are float32 in every format of the model. {@link Model#hiddenStates} has the features of every token.
 */
public final class EmbeddingHead extends Head {

    /** The task's name. */
    public static final String TASK = "embedding";

    /** The key by which options of loading name another pooling than the folder's; sentence-transformers' names. */
    public static final String POOLING = "pooling_mode";

    /** The key by which options of loading ask for vectors of the length 1, or of whatever length. */
    public static final String NORMALIZE = "normalize_embeddings";

    /** The key by which options of loading say what cosines are multiplied by in the loss of pairs; {@link TextPairs#scale}. */
    public static final String SCALE = "similarity_scale";

    private final SentencePlan plan;
    private final List<DenseLayer> layers;
    private final int hiddenSize;
    private final int size;
    private final TextPairs objective;

    private EmbeddingHead(
            @Nullable Transform unused,
            SentencePlan plan,
            List<DenseLayer> layers,
            int hiddenSize,
            int size,
            TextPairs objective,
            Origin origin) {
        super(unused, origin);
        this.plan = plan;
        this.layers = List.copyOf(layers);
        this.hiddenSize = hiddenSize;
        this.size = size;
        this.objective = objective;
    }

    /**
     * A backbone with this head; it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code BertModel}
     * @param transform what stands in the backbone although no hidden state depends on it, as BERT's pooler, or null
     * @param unused full names of tensors that checkpoints may hold for heads
     */
    public static Kind<EmbeddingHead> kind(
            String className, Function<Kind.Source, @Nullable Transform> transform, Pattern unused) {
        String architecture = className.replaceFirst("Model$", "");
        return new Kind<>(
                EmbeddingHead.class,
                className,
                Kind.sameArchitecture(architecture),
                unused,
                source -> build(source, className, transform.apply(source)));
    }

    /** The same where nothing stands in the backbone for it. */
    public static Kind<EmbeddingHead> kind(String className) {
        return kind(className, source -> null, Pattern.compile("(lm_head|embed_out|score)\\.(weight|bias)"));
    }

    private static EmbeddingHead build(Kind.Source source, String className, @Nullable Transform unused) {
        ModelConfig config = source.config();
        int width = config.outputSize();
        try {
            SentencePlan plan = told(source, width);
            List<DenseLayer> layers = new ArrayList<>();
            int size = width * plan.pooling().modes().size();
            for (Step step : plan.steps()) {
                if (step instanceof Step.Dense dense) {
                    if (dense.in() != size) {
                        throw new CheckpointException(dense.folder() + ": in_features must be " + size
                                + ", the size of what comes before it, got " + dense.in());
                    }
                    layers.add(DenseLayer.load(
                            dense, source.root().scope(), source.root().precision()));
                    size = dense.out();
                }
            }
            TextPairs objective = new TextPairs(source.json().decimalOr(TextPairs.DEFAULT_SCALE, SCALE));
            return new EmbeddingHead(unused, plan, layers, width, size, objective, source.origin(className));
        } catch (CheckpointException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SentencePlan told(Kind.Source source, int width) throws CheckpointException {
        SentencePlan plan = SentencePlan.of(
                source.folder(), source.json(), width, source.config().maxPositions());
        if (source.json().has(POOLING)) {
            plan = plan.withPooling(
                    new Pooling(List.of(Pooling.Mode.of(source.json().textOr("", POOLING)))));
        }
        return source.json().has(NORMALIZE) ? plan.normalized(source.json().flagOr(false, NORMALIZE)) : plan;
    }

    /** What a text becomes a vector by. */
    SentencePlan plan() {
        return plan;
    }

    @Override
    public String task() {
        return TASK;
    }

    @Override
    public Pooling pooling() {
        return plan.pooling();
    }

    /** The size of vectors. */
    public int size() {
        return size;
    }

    /** Whether vectors have the length 1. */
    public boolean normalizes() {
        List<Step> steps = plan.steps();
        return !steps.isEmpty() && steps.get(steps.size() - 1) == Step.NORMALIZE;
    }

    /** Tokens that a row has at most, those around a text included; longer texts are cut. */
    public int maxLength() {
        return plan.text().maxLength();
    }

    /**
     * The vectors of rows.
     *
     * @param passed tokens at the beginning of each row that are not pooled
     * @return [B, {@link #size}], owned by {@code owner}
     */
    NDArray vectors(Scope owner, Model<EmbeddingHead> model, ModelInput input, int passed) {
        try (Forward context = Forward.inference(model.scope())) {
            ModelInput begun = model.begin(context, input);
            Pooling.Spans spans = passed == 0 ? spans(begun) : spans(begun).without(passed);
            try (Activation pooled =
                    pooling().of(context, tokens -> model.backbone().hidden(context, begun, tokens), spans)) {
                return owner.adopt(forward(context, pooled).array());
            }
        }
    }

    @Override
    protected int width(Model<?> model) {
        return size;
    }

    /** What the vectors of texts learn from pairs of them. */
    @Override
    public Objective objective() {
        return objective;
    }

    /** Pooled hidden states [B, modes De] to vectors [B, {@link #size}]. */
    @Override
    public Activation forward(Forward context, Activation pooled) {
        Precision own = context.kernels().precision(pooled.array());
        Activation x = Functions.cast(context, pooled, own);
        int layer = 0;
        for (Step step : plan.steps()) {
            if (step == Step.NORMALIZE) {
                x = passed(cast(context, x, Precision.FLOAT32), exact -> Functions.unit(context, exact));
            } else {
                DenseLayer dense = layers.get(layer++);
                x = passed(cast(context, x, own), before -> dense.forward(context, before));
            }
        }
        return cast(context, x, Precision.FLOAT32);
    }

    private static Activation cast(Forward context, Activation x, Precision precision) {
        return context.kernels().precision(x.array()) == precision
                ? x
                : passed(x, before -> Functions.cast(context, before, precision));
    }

    /** What a function makes of a value, which is closed. */
    private static Activation passed(Activation x, UnaryOperator<Activation> function) {
        try (x) {
            return function.apply(x);
        }
    }

    @Override
    public Map<String, Object> config(Map<String, Object> changes) {
        Map<String, Object> all = new LinkedHashMap<>(super.config(changes));
        all.remove(POOLING);
        all.remove(NORMALIZE);
        all.remove(SCALE);
        return all;
    }

    @Override
    public void saveBeside(Beside folder) throws IOException {
        SentenceFiles.write(plan, hiddenSize, folder);
    }
}
