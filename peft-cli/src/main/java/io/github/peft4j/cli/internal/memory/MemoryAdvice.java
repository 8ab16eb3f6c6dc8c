package io.github.peft4j.cli.internal.memory;

import ai.djl.Device;
import io.github.peft4j.cli.internal.console.Failure;
import io.github.peft4j.cli.internal.console.Shortage;
import io.github.peft4j.cli.internal.console.Sizes;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.estimate.internal.FreeMemory;
import io.github.peft4j.training.estimate.internal.MemoryCount;
import io.github.peft4j.training.internal.state.ProcessMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be done where a training run needs more memory than there is, by what the estimate of this very run says. */
public final class MemoryAdvice {

    private static final String FOR_ALL = "peft4j estimate --fit says what fits";

    private final MemoryCount count;
    private final MemoryEstimate.Run run;
    private final Settings settings;

    /**
     * What else is known of the run.
     *
     * @param device that it computes on
     * @param adapter whether an adapter is trained, so that the model's weights can be packed
     * @param accumulation micro-batches of a step
     * @param batchTokens tokens of a micro-batch, or 0 where it has as many rows each time
     */
    public record Settings(Device device, boolean adapter, int accumulation, long batchTokens) {}

    /**
     * Advice for a run.
     *
     * @param run its largest micro-batch, in the format that it computes in
     */
    public MemoryAdvice(MemoryCount count, MemoryEstimate.Run run, Settings settings) {
        this.count = count;
        this.run = run;
        this.settings = settings;
    }

    /** Work that may run out of memory. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does the work.
     *
     * @throws Shortage in the place of what the engine says where there is no more memory
     */
    public <T> T advising(Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (RuntimeException e) {
            if (!Failure.isOutOfMemory(e)) {
                throw e;
            }
            throw new Shortage(
                    "not enough memory: this run needs about "
                            + Sizes.shown(count.estimate(run).total()) + ". " + advice() + " ("
                            + Failure.saidOfMemory(e) + ")",
                    e);
        }
    }

    /** What to say before the first step if the run is estimated to need more than there is. */
    public Optional<String> warning() {
        return FreeMemory.of(settings.device)
                .flatMap(memory -> warning(memory.free(), ProcessMemory.residentMib() * Sizes.MIB));
    }

    /**
     * The same.
     *
     * @param free bytes that are free
     * @param resident bytes that the process has
     */
    Optional<String> warning(long free, long resident) {
        MemoryEstimate estimate = count.estimate(run);
        // The model is there already.
        long more =
                settings.device.isGpu() ? estimate.optimizer() + estimate.activations() : estimate.total() - resident;
        if (more <= free) {
            return Optional.empty();
        }
        return Optional.of("warning: this run needs about " + Sizes.shown(estimate.total()) + ", " + Sizes.shown(more)
                + " more than it has so far, and " + Sizes.shown(Math.max(0, free)) + " are free. " + advice());
    }

    private record Saving(String option, long bytes) {}

    /** What saves memory, what saves most first. */
    private String advice() {
        List<Saving> savings = new ArrayList<>();
        boolean recompute = run.recompute();
        if (!recompute) {
            add(savings, "--checkpointing", with(run.rows(), run.length(), true, run.precision(), run.quantization()));
        }
        int rows = run.rows() / 2;
        if (rows > 0 && settings.batchTokens > 0) {
            add(savings, "--batch-tokens " + settings.batchTokens / 2, run.of(rows, run.length()));
        } else if (rows > 0) {
            int parts = settings.accumulation * ((run.rows() + rows - 1) / rows);
            add(savings, "--batch-size " + rows + " with --gradient-accumulation " + parts, run.of(rows, run.length()));
        } else if (run.length() > 1) {
            add(savings, "--max-length " + run.length() / 2, run.of(1, run.length() / 2));
        }
        if (precision() == Precision.FLOAT32) {
            add(
                    savings,
                    "--dtype bfloat16",
                    with(run.rows(), run.length(), recompute, Precision.BFLOAT16, run.quantization()));
        }
        if (settings.adapter && run.quantization() == null) {
            add(
                    savings,
                    "--quantize nf4",
                    with(run.rows(), run.length(), recompute, run.precision(), Quantization.NF4));
        }
        savings.sort(Comparator.comparingLong(Saving::bytes).reversed());
        StringBuilder text = new StringBuilder();
        for (Saving saving : savings) {
            text.append(text.isEmpty() ? "" : ", ").append(saving.option);
            text.append(text.length() == saving.option.length() ? " saves" : "");
            text.append(" about ").append(Sizes.shown(saving.bytes));
        }
        return (text.isEmpty() ? "" : text + "; ") + FOR_ALL;
    }

    private Precision precision() {
        return run.precision() == null ? count.precision() : run.precision();
    }

    private static MemoryEstimate.Run with(
            int rows,
            int length,
            boolean recompute,
            @Nullable Precision precision,
            @Nullable Quantization quantization) {
        return new MemoryEstimate.Run(rows, length, recompute, quantization, precision);
    }

    private void add(List<Saving> savings, String option, MemoryEstimate.Run smaller) {
        long bytes = count.estimate(run).total() - count.estimate(smaller).total();
        if (bytes >= Sizes.MIB) {
            savings.add(new Saving(option, bytes));
        }
    }
}
