package io.github.peft4j.training.config;

import java.util.Arrays;
import java.util.Locale;

/**
 * How the learning rate runs over the steps: up from zero in a straight line during warm-up, then as the name says. Equal to the
 * schedules of transformers ({@code get_linear_schedule_with_warmup} and its siblings), whose first step has number 0: with a warm-up
 * the first step's rate is zero, and the last step's rate is not.
 */
public enum Schedule {
    /** Down to zero in a straight line: \((T - t) / (T - W)\). */
    LINEAR {
        @Override
        double afterWarmup(long step, long warmup, long total) {
            return Math.max(0.0, (double) (total - step) / Math.max(1, total - warmup));
        }
    },
    /** Down to zero along half a cosine: \((1 + \cos(\pi (t - W) / (T - W))) / 2\). */
    COSINE {
        @Override
        double afterWarmup(long step, long warmup, long total) {
            double progress = (double) (step - warmup) / Math.max(1, total - warmup);
            return Math.max(0.0, 0.5 * (1.0 + Math.cos(Math.PI * progress)));
        }
    },
    /** The same throughout; transformers' {@code constant_with_warmup}, and its {@code constant} if there is no warm-up. */
    CONSTANT {
        @Override
        double afterWarmup(long step, long warmup, long total) {
            return 1.0;
        }
    };

    abstract double afterWarmup(long step, long warmup, long total);

    /**
     * The share of the configured learning rate that a step is taken with.
     *
     * @param step t, the steps taken before this one
     * @param warmup W, steps of warm-up
     * @param total T, steps of the whole run
     */
    public double factor(long step, long warmup, long total) {
        return step < warmup ? (double) step / warmup : afterWarmup(step, warmup, total);
    }

    /** The name in configs, for example {@code cosine}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The schedule of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Schedule of(String text) {
        return Arrays.stream(values())
                .filter(schedule -> schedule.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown schedule \"" + text + "\": expected one of "
                        + Arrays.stream(values()).map(Schedule::text).toList()));
    }
}
