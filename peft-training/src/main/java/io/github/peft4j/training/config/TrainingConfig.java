package io.github.peft4j.training.config;

import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.training.optimizer.ParameterGroup;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a training run. Names and defaults are those of transformers' {@code TrainingArguments} where it has them.
 *
 * @param steps optimizer steps of the whole run; 0 to go by {@code epochs}
 * @param epochs passes over the data, if {@code steps} is 0; the last may be broken off. Default 3
 * @param batchSize rows of a micro-batch, if {@code batchTokens} is 0. Default 8
 * @param batchTokens tokens of a micro-batch at most, but at least one row; 0 to go by {@code batchSize}. Default 0
 * @param groupByLength whether rows of like lengths share a micro-batch, as with transformers' {@code group_by_length}. Default false
 * @param accumulation micro-batches of a step. Default 1
 * @param learningRate the highest learning rate. Default 5e-5, which suits full fine-tuning; adapters want 1e-4 and more
 * @param schedule how the learning rate runs. Default linear
 * @param warmup steps of warm-up if at least 1, a share of all steps if less. Default 0
 * @param weightDecay AdamW's decoupled decay, for all weights but biases and norms. Default 0
 * @param maxGradNorm the global norm that gradients are clipped to; 0 for no clipping. Default 1
 * @param seed of the order of rows and of dropout; runs with equal seeds have equal numbers on like processors, threads and workers. Default 42
 * @param shuffle whether each pass takes the rows in a new random order. Default true
 * @param recompute whether transformer blocks are computed again in the backward pass, for less memory. Default false
 * @param workers threads that share out a micro-batch's rows, each on its share of the cores; 0: as many as suit the run, and the same when it is resumed. Default 0
 * @param saveEvery steps between checkpoints; 0 for none. Default 0
 * @param keep checkpoints that are kept, the newest; 0 for all. Default 0
 * @param evaluateEvery steps between evaluations; 0 for none. Default 0
 * @param bestMetric the number by which the best weights so far are kept and the run ends, {@code loss} or the key of a metric. Default none: the last
 * @param earlyStopping evaluations in a row none of which is the best after which the run stops, by {@code loss} if by no metric; 0: it never does. Default 0
 * @param earlyStoppingThreshold how much better than the best an evaluation must be for the run to go on; the best is kept all the same. Default 0
 * @param groups which weights learn at rates, or decay, of their own. Default none
 */
public record TrainingConfig(
        long steps,
        double epochs,
        int batchSize,
        long batchTokens,
        boolean groupByLength,
        int accumulation,
        double learningRate,
        Schedule schedule,
        double warmup,
        double weightDecay,
        double maxGradNorm,
        long seed,
        boolean shuffle,
        boolean recompute,
        int workers,
        long saveEvery,
        int keep,
        long evaluateEvery,
        @Nullable String bestMetric,
        int earlyStopping,
        double earlyStoppingThreshold,
        ParameterGroups groups) {

    /** Checks the ranges; all that is wrong is in one message. */
    public TrainingConfig {
        Requirements numbers = new Requirements();
        numbers.atLeast(0, steps, "steps must be at least 1, or 0 to go by epochs");
        numbers.require(steps > 0 || (epochs > 0 && Double.isFinite(epochs)), "epochs must be above 0", epochs);
        numbers.atLeast(1, batchSize, "batch size must be at least 1");
        numbers.atLeast(0, batchTokens, "tokens of a batch must be at least 1, or 0 to go by rows");
        numbers.require(shuffle || !groupByLength, "rows can be grouped by length only where they are shuffled");
        numbers.atLeast(1, accumulation, "gradient accumulation must be at least 1");
        numbers.atLeast(0, learningRate, "learning rate must be at least 0");
        numbers.require(
                warmup >= 0 && Double.isFinite(warmup) && (warmup < 1 || warmup == Math.rint(warmup)),
                "warm-up must be a whole number of steps, or a share of all steps below 1",
                warmup);
        numbers.atLeast(0, weightDecay, "weight decay must be at least 0");
        numbers.atLeast(0, maxGradNorm, "largest gradient norm must be at least 0 (0: no clipping)");
        numbers.atLeast(0, workers, "workers must be at least 1, or 0 for as many as suit the machine");
        numbers.atLeast(0, saveEvery, "steps between checkpoints must be at least 0 (0: none)");
        numbers.atLeast(0, keep, "checkpoints to keep must be at least 0 (0: all)");
        numbers.atLeast(0, evaluateEvery, "steps between evaluations must be at least 0 (0: none)");
        numbers.atLeast(0, earlyStopping, "evaluations without a better one must be at least 0 (0: no early stop)");
        numbers.atLeast(0, earlyStoppingThreshold, "the threshold of early stopping must be at least 0");
        if (bestMetric == null && earlyStopping > 0) {
            bestMetric = "loss";
        }
        if (bestMetric != null) {
            bestMetric = bestMetric.replaceFirst("^eval_", "");
            numbers.require(
                    evaluateEvery != 0,
                    "steps between evaluations must be at least 1 to keep the best or to stop early",
                    evaluateEvery);
        }
        numbers.check();
    }

    /** The defaults, to be changed one by one. */
    public static Builder builder() {
        return new Builder();
    }

    /** These settings, to be changed one by one. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.steps = steps;
        builder.epochs = epochs;
        builder.batchSize = batchSize;
        builder.batchTokens = batchTokens;
        builder.groupByLength = groupByLength;
        builder.accumulation = accumulation;
        builder.learningRate = learningRate;
        builder.schedule = schedule;
        builder.warmup = warmup;
        builder.weightDecay = weightDecay;
        builder.maxGradNorm = maxGradNorm;
        builder.seed = seed;
        builder.shuffle = shuffle;
        builder.recompute = recompute;
        builder.workers = workers;
        builder.saveEvery = saveEvery;
        builder.keep = keep;
        builder.evaluateEvery = evaluateEvery;
        builder.bestMetric = bestMetric;
        builder.earlyStopping = earlyStopping;
        builder.earlyStoppingThreshold = earlyStoppingThreshold;
        builder.groups = groups;
        return builder;
    }

    /** Steps of warm-up in a run of {@code totalSteps}; a share is rounded up, as in transformers. */
    public long warmupSteps(long totalSteps) {
        return warmup >= 1 ? (long) warmup : (long) Math.ceil(totalSteps * warmup);
    }

    /** Changes single settings. */
    public static final class Builder {
        private long steps;
        private double epochs = 3;
        private int batchSize = 8;
        private long batchTokens;
        private boolean groupByLength;
        private int accumulation = 1;
        private double learningRate = 5e-5;
        private Schedule schedule = Schedule.LINEAR;
        private double warmup;
        private double weightDecay;
        private double maxGradNorm = 1;
        private long seed = AttachContext.DEFAULT_SEED;
        private boolean shuffle = true;
        private boolean recompute;
        private int workers;
        private long saveEvery;
        private int keep;
        private long evaluateEvery;
        private @Nullable String bestMetric;
        private int earlyStopping;
        private double earlyStoppingThreshold;
        private ParameterGroups groups = ParameterGroups.NONE;

        private Builder() {}

        /** Optimizer steps of the whole run; 0 to go by epochs. */
        public Builder steps(long value) {
            steps = value;
            return this;
        }

        /** Passes over the data. */
        public Builder epochs(double value) {
            epochs = value;
            return this;
        }

        /** Rows of a micro-batch. */
        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        /** Tokens of a micro-batch at most, but at least one row; 0 to go by rows. */
        public Builder batchTokens(long value) {
            batchTokens = value;
            return this;
        }

        /** Whether rows of like lengths share a micro-batch. */
        public Builder groupByLength(boolean value) {
            groupByLength = value;
            return this;
        }

        /** Micro-batches of a step. */
        public Builder accumulation(int value) {
            accumulation = value;
            return this;
        }

        /** The highest learning rate. */
        public Builder learningRate(double value) {
            learningRate = value;
            return this;
        }

        /** How the learning rate runs. */
        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        /** Steps of warm-up if at least 1, a share of all steps if less. */
        public Builder warmup(double value) {
            warmup = value;
            return this;
        }

        /** AdamW's decoupled decay. */
        public Builder weightDecay(double value) {
            weightDecay = value;
            return this;
        }

        /** The global norm that gradients are clipped to; 0 for no clipping. */
        public Builder maxGradNorm(double value) {
            maxGradNorm = value;
            return this;
        }

        /** Of the order of rows and of dropout. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Whether each pass takes the rows in a new random order. */
        public Builder shuffle(boolean value) {
            shuffle = value;
            return this;
        }

        /** Whether blocks are computed again in the backward pass. */
        public Builder recompute(boolean value) {
            recompute = value;
            return this;
        }

        /** Threads that share out a micro-batch's rows; 0: as many as suit cores, rows and model. */
        public Builder workers(int value) {
            workers = value;
            return this;
        }

        /** Steps between checkpoints; 0 for none. */
        public Builder saveEvery(long value) {
            saveEvery = value;
            return this;
        }

        /** Checkpoints that are kept; 0 for all. */
        public Builder keep(int value) {
            keep = value;
            return this;
        }

        /** Steps between evaluations; 0 for none. */
        public Builder evaluateEvery(long value) {
            evaluateEvery = value;
            return this;
        }

        /** By which number of the evaluations the best weights are kept, {@code loss} or {@code f1_macro}; {@code eval_} may stand before it. Null: they are not. */
        public Builder bestMetric(@Nullable String value) {
            bestMetric = value;
            return this;
        }

        /** After how many evaluations in a row without a better one a run stops; 0: it does not. */
        public Builder earlyStopping(int value) {
            earlyStopping = value;
            return this;
        }

        /** How much better than the best an evaluation must be for the run to go on: transformers' {@code early_stopping_threshold}. */
        public Builder earlyStoppingThreshold(double value) {
            earlyStoppingThreshold = value;
            return this;
        }

        /** One more group of weights with a rate, or decay, of their own; it has those that no group before it has. */
        public Builder group(ParameterGroup value) {
            groups = groups.and(value);
            return this;
        }

        /** What learning rates are multiplied by per block from the top; see {@link ParameterGroups}. */
        public Builder layerDecay(double value) {
            groups = groups.withLayerDecay(value);
            return this;
        }

        /** {@link #loraPlus(double, double)} with PEFT's 1e-6 for updates of embeddings. */
        public Builder loraPlus(double ratio) {
            return loraPlus(ratio, ParameterGroups.LoraPlus.EMBEDDING_RATE);
        }

        /**
         * LoRA+: the second factors of low-rank updates (LoRA's B) and all vectors learn at {@code ratio} times the learning rate; weights
         * in groups do not. {@code embeddingRate} is the highest rate of low-rank updates of embeddings.
         */
        public Builder loraPlus(double ratio, double embeddingRate) {
            groups = groups.withLoraPlus(new ParameterGroups.LoraPlus(ratio, embeddingRate));
            return this;
        }

        /** Of a whole model only the last blocks are trained, and what comes behind them: its last norm and its head. 0 for the head alone. */
        public Builder lastBlocks(int value) {
            groups = groups.withLastBlocks(value);
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if values are out of range, all of them in one message
         */
        public TrainingConfig build() {
            return new TrainingConfig(
                    steps,
                    epochs,
                    batchSize,
                    batchTokens,
                    groupByLength,
                    accumulation,
                    learningRate,
                    schedule,
                    warmup,
                    weightDecay,
                    maxGradNorm,
                    seed,
                    shuffle,
                    recompute,
                    workers,
                    saveEvery,
                    keep,
                    evaluateEvery,
                    bestMetric,
                    earlyStopping,
                    earlyStoppingThreshold,
                    groups);
        }
    }
}
