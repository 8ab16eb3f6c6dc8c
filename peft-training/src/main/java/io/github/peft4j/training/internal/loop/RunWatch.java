package io.github.peft4j.training.internal.loop;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a run goes nowhere although its numbers are finite, and says so once for each kind:
 *
 * <ul>
 *   <li>the gradient norm was exactly 0 in the last {@value #ZEROS} steps, at a loss of more than {@value #LEARNT};
 *   <li>the mean loss of the last {@value #SMOOTHED} steps, and the loss of the first step's rows computed anew, are both more than {@value
 *       #FACTOR} times that of the first step plus {@value #MARGIN}. The second makes sure: rows differ, and those that came later may be
 *       harder; but the same rows do not become so by themselves.
 * </ul>
 */
final class RunWatch {

    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);

    static final int ZEROS = 3;
    static final double LEARNT = 1e-3;
    static final int SMOOTHED = 10;
    static final double FACTOR = 1.5;
    static final double MARGIN = 0.5;

    /** Of fewer losses no mean is taken. */
    private static final int FEWEST = 3;

    private final DoubleSupplier firstRows;
    private final Deque<Double> losses = new ArrayDeque<>();
    private final Deque<Double> norms = new ArrayDeque<>();
    private final Map<TrainingResult.Warning.Kind, TrainingResult.Warning> said =
            new EnumMap<>(TrainingResult.Warning.Kind.class);
    private double first = Double.NaN;
    private long step;
    private long measuredAt = Long.MIN_VALUE / 2;

    /**
     * Nothing noticed yet.
     *
     * @param firstRows the loss of the first step's rows with the weights as they are when it is asked
     */
    RunWatch(DoubleSupplier firstRows) {
        this.firstRows = firstRows;
    }

    /** What an earlier part of the run has logged. */
    void recall(List<TrainingListener.Logged> history) {
        for (TrainingListener.Logged entry : history) {
            if (entry.value("loss").isPresent()) {
                note(
                        entry.step(),
                        entry.value("loss").getAsDouble(),
                        entry.value("grad_norm").orElse(Double.NaN));
            }
        }
    }

    /** A step was done. */
    void done(TrainingListener.Step report) {
        note(report.step(), report.loss(), report.gradNorm());
        if (hasVanished()) {
            say(TrainingResult.Warning.Kind.VANISHED_GRADIENT, vanished());
        }
        if (!said.containsKey(TrainingResult.Warning.Kind.DIVERGED) && step - measuredAt >= SMOOTHED && isSuspect()) {
            measuredAt = step;
            double now = firstRows.getAsDouble();
            if (isFarAbove(now)) {
                say(TrainingResult.Warning.Kind.DIVERGED, diverged(now));
            }
        }
    }

    private void note(long at, double loss, double norm) {
        step = at;
        if (Double.isNaN(first)) {
            first = loss;
        }
        keep(losses, loss, SMOOTHED);
        keep(norms, norm, ZEROS);
    }

    private static void keep(Deque<Double> values, double value, int most) {
        values.addLast(value);
        if (values.size() > most) {
            values.removeFirst();
        }
    }

    private void say(TrainingResult.Warning.Kind kind, String message) {
        if (!said.containsKey(kind)) {
            said.put(kind, new TrainingResult.Warning(kind, step, message));
            LOG.warn("{}", message);
        }
    }

    /** What was noticed and is so still, at the end of a run. */
    List<TrainingResult.Warning> standing() {
        List<TrainingResult.Warning> standing = new ArrayList<>();
        for (TrainingResult.Warning warning : said.values()) {
            boolean still = warning.kind() == TrainingResult.Warning.Kind.VANISHED_GRADIENT
                    ? hasVanished()
                    : isSuspect() && isFarAbove(firstRows.getAsDouble());
            if (still) {
                standing.add(warning);
            }
        }
        return standing;
    }

    private boolean hasVanished() {
        return norms.size() == ZEROS
                && norms.stream().allMatch(norm -> norm == 0)
                && losses.stream().skip(losses.size() - ZEROS).allMatch(loss -> loss > LEARNT);
    }

    private boolean isSuspect() {
        return losses.size() >= FEWEST && isFarAbove(mean());
    }

    private boolean isFarAbove(double loss) {
        // Not finite is far above too.
        return !(loss <= FACTOR * first + MARGIN);
    }

    private double mean() {
        return losses.stream().mapToDouble(loss -> loss).average().orElse(Double.NaN);
    }

    private String vanished() {
        return String.format(
                Locale.ROOT,
                "the gradient was exactly 0 in the last %d steps, up to step %d, at a loss of %.4g: nothing is learnt any"
                        + " more. Begin again with a lower learning rate, or a longer warm-up",
                ZEROS,
                step,
                losses.getLast());
    }

    private String diverged(double now) {
        return String.format(
                Locale.ROOT,
                "the run has diverged: the loss was %.4g in the first step and is %.4g on average in the last %d, up to step"
                        + " %d, and the first step's rows have come to %.4g. Begin again with a lower learning rate, or a"
                        + " longer warm-up",
                first,
                mean(),
                losses.size(),
                step,
                now);
    }
}
