package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaFamily;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A kind of model that is not causal: a class for every token, by a new head on a Llama. */
final class TokenTagger extends Model {

    static final int CLASSES = 3;

    /** Builds it from the checkpoint of a causal model. */
    public static final class Family implements ModelFamily {
        @Override
        public String modelType() {
            return "llama";
        }

        @Override
        public Class<? extends Model> kind() {
            return TokenTagger.class;
        }

        @Override
        public String className() {
            return "LlamaForTokenClassification";
        }

        @Override
        public boolean reads(String architecture) {
            return architecture.startsWith("Llama");
        }

        @Override
        public ModelConfig config(ConfigJson json) {
            return new LlamaFamily().config(json);
        }

        @Override
        public Model build(ModelConfig config, Weights weights) {
            return new TokenTagger((LlamaConfig) config, weights, targets());
        }

        @Override
        public Pattern unusedTensors() {
            return Pattern.compile("lm_head\\.weight");
        }

        @Override
        public Map<String, List<String>> targets() {
            return new LlamaFamily().targets();
        }
    }

    private final LlamaConfig config;
    private final Decoder decoder;
    private final Linear head;
    private final Anatomy anatomy;

    private TokenTagger(LlamaConfig config, Weights root, Map<String, List<String>> targets) {
        super(root.scope(), root.precision());
        this.config = config;
        this.decoder = new LlamaLayout(config).decoder(root.at("model"));
        child("model", decoder);
        NDArray zeros = scope().zeros(Precision.FLOAT32, CLASSES, config.hiddenSize());
        this.head = Linear.of(new Weight("weight", zeros, Precision.FLOAT32, scope(), false), null);
        child("score", head);
        this.anatomy = decoder.anatomy("LlamaForTokenClassification", "score", false, targets);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public Anatomy anatomy() {
        return anatomy;
    }

    @Override
    public int vocabSize(@Nullable RowSelection selection) {
        return decoder.vocabSize(selection);
    }

    @Override
    protected Activation encode(Forward context, ModelInput input) {
        return decoder.encode(context, input);
    }

    @Override
    public Activation forward(Forward context, Activation ids) {
        return head.forward(context, decoder.forward(context, ids));
    }

    /** Every token is predicted at its own place. */
    @Override
    public int supervisedItems(LabelledRows rows) {
        return rows.tokens();
    }

    @Override
    public double loss(Forward context, LabelledRows rows, double weight) {
        Kernels k = context.kernels();
        Activation hidden = encode(context, transformed(context, ModelInput.of(rows.tokenIds())));
        Activation scores = head.forward(context, hidden);
        long[] targets = rows.labels().stream()
                .flatMapToInt(Arrays::stream)
                .mapToLong(label -> label)
                .toArray();
        try (NDArray wanted = context.scope().longs(targets)) {
            if (!scores.needsGradient()) {
                return k.crossEntropyLoss(scores.array(), wanted);
            }
            double loss = k.crossEntropyInto(scores.array(), wanted, weight);
            scores.accumulate(scores.array(), k);
            return loss;
        }
    }
}
