package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.TrainedPart;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long and how to train. */
public final class RunOptions {

    private static final double USUAL_EPOCHS = 3;

    /** The methods' learning rates, for the help. */
    static final class LearningRates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            Stream<String> adapters = PeftMethods.discovered().all().stream()
                    .map(method -> method.name() + " " + scientific(method.defaults()));
            return Stream.concat(
                            adapters,
                            Stream.of(TrainedPart.FULL + " "
                                    + scientific(TrainedPart.wholeModel().defaults())))
                    .iterator();
        }

        /** {@code 2e-4}. */
        private static String scientific(PeftMethod.Defaults defaults) {
            BigDecimal value = BigDecimal.valueOf(defaults.learningRate()).stripTrailingZeros();
            return value.unscaledValue() + "e-" + value.scale();
        }
    }

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of the whole run.")
    @Nullable
    Long steps;

    @Option(
            names = "--epochs",
            paramLabel = "X",
            description = "Passes over the data, instead of --steps; may be a fraction. Default: 3.")
    @Nullable
    Double epochs;

    @Mixin
    private BatchSizeOption batch = new BatchSizeOption();

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            description = "Instead of --batch-size: as many rows in a micro-batch as have N tokens together, at least"
                    + " one.")
    @Nullable
    Long batchTokens;

    @Option(
            names = "--group-by-length",
            description = "Put rows of like lengths into a micro-batch, as transformers' group_by_length does.")
    boolean groupByLength;

    @Option(
            names = "--gradient-accumulation",
            paramLabel = "N",
            description = "Micro-batches of an optimizer step. Default: ${DEFAULT-VALUE}.")
    int accumulation = 1;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            completionCandidates = LearningRates.class,
            description = "The highest learning rate. Default, by method: ${COMPLETION-CANDIDATES}.")
    @Nullable
    Double learningRate;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description =
                    "How the learning rate runs after warm-up: linear, cosine or constant. Default: ${DEFAULT-VALUE}.")
    String schedule = "linear";

    @Option(
            names = "--warmup-steps",
            paramLabel = "N",
            description = "Steps in which the learning rate rises from 0. Default: ${DEFAULT-VALUE}.")
    long warmup;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description = "AdamW's decoupled decay. Default: ${DEFAULT-VALUE}.")
    double weightDecay;

    @Option(
            names = "--max-grad-norm",
            paramLabel = "X",
            description = "Gradients are clipped to this global norm; 0: not at all. Default: ${DEFAULT-VALUE}.")
    double maxGradNorm = 1;

    @Option(
            names = "--checkpointing",
            description = "Compute each transformer block again in the backward pass: less memory, more time.")
    boolean checkpointing;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "Threads that share out a batch's rows, each with its share of the cores. By default as many as"
                            + " suit cores, rows and model; a run goes on with as many as it began with.")
    @Nullable
    Integer workers;

    /**
     * The settings of the training loop.
     *
     * @throws BadInput if one is out of range
     */
    public TrainingConfig.Builder config(PeftMethod.Defaults defaults) {
        if (steps != null && epochs != null) {
            throw new BadInput(
                    "--steps " + steps + " and --epochs " + epochs + " exclude each other: give one of them");
        }
        if (batchTokens != null && batch.rows != null) {
            throw new BadInput("--batch-size " + batch.rows + " and --batch-tokens " + batchTokens
                    + " exclude each other: give one of them");
        }
        Given.atLeast(1, batchTokens, "--batch-tokens");
        Given.atLeast(1, steps, "--steps");
        Given.atLeast(0, warmup, "--warmup-steps");
        Given.atLeast(1, workers, "--workers");
        return BadInput.when(() -> TrainingConfig.builder()
                .steps(steps == null ? 0 : steps)
                .epochs(epochs == null ? USUAL_EPOCHS : epochs)
                .batchSize(batch.rows())
                .batchTokens(batchTokens == null ? 0 : batchTokens)
                .groupByLength(groupByLength)
                .accumulation(accumulation)
                .learningRate(learningRate == null ? defaults.learningRate() : learningRate)
                .schedule(Schedule.of(schedule))
                .warmup(warmup)
                .weightDecay(weightDecay)
                .maxGradNorm(maxGradNorm)
                .recompute(checkpointing)
                .workers(workers == null ? 0 : workers));
    }
}
