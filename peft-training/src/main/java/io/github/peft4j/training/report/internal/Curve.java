package io.github.peft4j.training.report.internal;

import java.util.ArrayList;
import java.util.List;

/** Points of a curve in the order in which they came; what is no finite number is left out. */
public final class Curve {

    /** A smoothed curve looks back over this part of a run. */
    private static final double LOOK_BACK = 0.05;

    private final List<Double> x = new ArrayList<>();
    private final List<Double> y = new ArrayList<>();

    /** Adds a point. */
    public void add(double at, double value) {
        if (Double.isFinite(at) && Double.isFinite(value)) {
            x.add(at);
            y.add(value);
        }
    }

    /** Adds what a step brought. */
    public void add(long step, double value) {
        add((double) step, value);
    }

    /** Where the points are. */
    public List<Double> x() {
        return x;
    }

    /** The values. */
    public List<Double> y() {
        return y;
    }

    /** Whether there is no point. */
    public boolean isEmpty() {
        return x.isEmpty();
    }

    int size() {
        return x.size();
    }

    /** An exponential moving average over a part of the run, without the pull of a start at zero. */
    public Curve smoothed() {
        Curve smooth = new Curve();
        double span = size() * LOOK_BACK;
        double past = span / (1 + span);
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < size(); i++) {
            sum = past * sum + (1 - past) * y.get(i);
            weight = past * weight + (1 - past);
            smooth.add(x.get(i), sum / weight);
        }
        return smooth;
    }

    /**
     * As many points as can be seen: of each of some equal parts of the points the lowest and the highest, so that no spike is lost.
     *
     * @param most points, at least 4
     */
    Curve thinned(int most) {
        if (size() <= most) {
            return this;
        }
        Curve thin = new Curve();
        int parts = most / 2;
        for (int part = 0; part < parts; part++) {
            int from = (int) ((long) part * size() / parts);
            int to = (int) ((part + 1L) * size() / parts);
            int low = from;
            int high = from;
            for (int i = from; i < to; i++) {
                low = y.get(i) < y.get(low) ? i : low;
                high = y.get(i) > y.get(high) ? i : high;
            }
            thin.add(x.get(Math.min(low, high)), y.get(Math.min(low, high)));
            if (low != high) {
                thin.add(x.get(Math.max(low, high)), y.get(Math.max(low, high)));
            }
        }
        return thin;
    }
}
