package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.architecture.llama.LlamaFamily;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A head that is none of the library's: a class for every token, new on a Llama. */
final class TokenTags extends Head {

    static final int CLASSES = 3;

    /** Offers it for a Llama, whose backbone is the library's. */
    public static final class Family implements ModelFamily {

        private final LlamaFamily llama = new LlamaFamily();

        @Override
        public String modelType() {
            return "llama";
        }

        @Override
        public ModelConfig config(ConfigJson json) {
            return llama.config(json);
        }

        @Override
        public Weights tokenEmbedding(Weights root) {
            return llama.tokenEmbedding(root);
        }

        @Override
        public Backbone backbone(ModelConfig config, Weights root) {
            return llama.backbone(config, root);
        }

        @Override
        public List<Head.Kind<?>> heads() {
            return List.of(new Head.Kind<>(
                    TokenTags.class,
                    "LlamaForTokenClassification",
                    name -> name.startsWith("Llama"),
                    Pattern.compile("lm_head\\.weight"),
                    TokenTags::new));
        }
    }

    /** Every token is predicted at its own place. */
    private static final class Tagging implements Objective {

        @Override
        public String item() {
            return "token";
        }

        @Override
        public int items(Model<?> model, Batch batch) {
            return batch.tokens();
        }

        @Override
        public double loss(Forward context, Model<?> model, Batch batch, double weight) {
            Kernels k = context.kernels();
            Activation hidden = model.hidden(context, ModelInput.of(batch.tokenIds()), null);
            Activation scores = model.head().forward(context, hidden);
            long[] targets = batch.rows().stream()
                    .flatMapToInt(row -> Arrays.stream(((Row.Target.NextTokens) row.target()).labels()))
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

    private TokenTags(Head.Kind.Source source) {
        super("score", layer(source));
    }

    private static Linear layer(Head.Kind.Source source) {
        Scope scope = source.root().scope();
        NDArray zeros = scope.zeros(Precision.FLOAT32, CLASSES, source.config().hiddenSize());
        return Linear.of(new Weight("weight", zeros, Precision.FLOAT32, scope, false), null);
    }

    @Override
    public String task() {
        return "token-classification";
    }

    @Override
    public Objective objective() {
        return new Tagging();
    }

    @Override
    public Activation forward(Forward context, Activation hidden) {
        return output(context, hidden);
    }
}
