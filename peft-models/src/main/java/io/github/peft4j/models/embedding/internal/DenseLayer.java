package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * \(y = f(W x + b)\) behind the pooling. It is no part of the transformer: adapters do not see it, and it is not trained.
 *
 * @param linear W and b
 * @param function f
 */
public record DenseLayer(Linear linear, ActivationFunction function) {

    private static final Pattern NONE = Pattern.compile("(?!)");

    /**
     * Reads its weights, which are copied.
     *
     * @param scope owns them
     * @throws CheckpointException if they are missing, damaged or of other shapes than its config says
     */
    public static DenseLayer load(Step.Dense step, Scope scope, Precision precision) throws CheckpointException {
        Path weights = SentenceFiles.files(step.folder()).get(1);
        try (Checkpoint file = Checkpoint.open(weights)) {
            Linear linear = Weights.of(file, scope, precision)
                    .build(
                            root -> Linear.loadHead(root.at("linear"), step.in(), step.out(), step.bias()),
                            weights.toString(),
                            NONE);
            // The file is not kept open.
            linear.weight().makeWritable();
            if (linear.bias() != null) {
                linear.bias().makeWritable();
            }
            return new DenseLayer(linear, step.function());
        }
    }

    /** x {@code [B, in]} to {@code [B, out]}. */
    public Activation forward(Forward context, Activation x) {
        try (Activation made = linear.forward(context, x)) {
            return Functions.activate(context, function, made);
        }
    }
}
