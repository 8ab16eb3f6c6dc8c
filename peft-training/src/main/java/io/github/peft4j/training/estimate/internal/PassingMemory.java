package io.github.peft4j.training.estimate.internal;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.loss.TokenLoss;
import io.github.peft4j.models.kernel.internal.LongRows;
import io.github.peft4j.models.nn.internal.Biased;
import io.github.peft4j.training.estimate.MemoryEstimate;
import java.util.List;
import java.util.NavigableSet;
import java.util.stream.Stream;

/** Counts what passes through a model in a micro-batch, and what of it the backward pass needs. */
final class PassingMemory {

    /**
     * What the process takes beyond the arrays that are counted, since the allocator holds freed memory and operators have passing results
     * of their own: of what is kept, of what passes, and of logits. Measured over twenty runs in two formats, of 16 to 2,048 tokens a row, with
     * the allocator set up for training, as the page on training in the documentation says.
     */
    private static final double OF_KEPT = 1.15;

    private static final double OF_PASSING = 3.2;

    private static final double OF_LOGITS = 1.4;

    private static final long PROBABILITIES_AT_ONCE = 1L << 20;

    /** The character that follows the dot, so that names below a path lie between the two. */
    private static final String AFTER_DOT = "/";

    private final Model<?> model;
    private final NavigableSet<String> trained;
    private final MemoryEstimate.Run run;
    private final int width;

    /**
     * A micro-batch to come.
     *
     * @param trained paths of what is trained
     * @param width bytes of a number
     */
    PassingMemory(Model<?> model, NavigableSet<String> trained, MemoryEstimate.Run run, int width) {
        this.model = model;
        this.trained = trained;
        this.run = run;
        this.width = width;
    }

    long bytes() {
        ModelConfig config = model.config();
        List<Anatomy.Block> blocks = model.anatomy().blocks();
        int lowest = 0;
        while (lowest < blocks.size() && !reaches(blocks.get(lowest).path())) {
            lowest++;
        }
        if (model.positionsBefore() > 0 || reaches(model.anatomy().inputEmbedding())) {
            lowest = 0;
        }
        double tokens = (double) run.rows() * (run.length() + model.positionsBefore());
        double kept = 0;
        double largest = 0;
        for (Anatomy.Block block : blocks.subList(Math.min(lowest, blocks.size()), blocks.size())) {
            double saved = tokens * saved(block, config);
            largest = Math.max(largest, saved);
            kept += run.recompute() ? tokens * config.hiddenSize() : saved;
        }
        double working = tokens * (2.0 * config.feedForwardSize() + 6.0 * config.hiddenSize());
        double gradients = tokens * probabilities(config);
        double recomputed = run.recompute() ? largest : 0;
        return (long) ((OF_KEPT * (kept + recomputed) + OF_PASSING * working + gradients) * width
                + OF_LOGITS * logits(config));
    }

    /** Elements that a block keeps for each token. */
    private double saved(Anatomy.Block block, ModelConfig config) {
        double hidden = config.hiddenSize();
        double heads = (double) config.heads() * config.headSize();
        double keys = (double) config.keyValueHeads() * config.headSize();
        double inner = config.feedForwardSize();
        boolean gated = block.feedForwardInputs().size() > 1;
        double all = 2 * hidden + heads + 2 * keys + probabilities(config) + (gated ? 2 * inner : inner);
        all += block.projections().stream().anyMatch(this::keepsInput) ? hidden : 0;
        all += keepsInput(block.feedForwardOutput()) ? inner : 0;
        boolean inside = block.feedForwardInputs().stream().anyMatch(this::reaches);
        return all + (inside ? hidden : 0);
    }

    /** Attention's probabilities of a token; those of long rows never exist as a whole. */
    private double probabilities(ModelConfig config) {
        return run.length() < LongRows.FROM ? (double) config.heads() * run.length() : 0;
    }

    private boolean reaches(String path) {
        return trainedBelow(path).findAny().isPresent();
    }

    /** Whether a layer's input is kept: a bias's gradient does not need it. */
    private boolean keepsInput(String path) {
        return trainedBelow(path).anyMatch(name -> !name.endsWith("." + Biased.BIAS));
    }

    private Stream<String> trainedBelow(String path) {
        return trained.subSet(path + ".", path + AFTER_DOT).stream();
    }

    /** Logits, which become their gradient, in the model's format; probabilities of a few rows in float32. */
    private long logits(ModelConfig config) {
        if (!model.head().predictsTokens()) {
            return 0;
        }
        long supervised = Math.min(TokenLoss.positionsAtOnce(config.vocabSize()), (long) run.rows() * run.length());
        long elements = supervised * config.vocabSize();
        return elements * (long) width + Math.min(elements, PROBABILITIES_AT_ONCE) * 2L * Float.BYTES;
    }
}
