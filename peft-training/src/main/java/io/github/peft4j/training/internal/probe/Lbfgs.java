package io.github.peft4j.training.internal.probe;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Minimises a smooth convex function by limited-memory BFGS, in float64 and always in the same order, so that equal inputs give equal bits.
 *
 * <p>The first guess of the inverse Hessian is a given diagonal, scaled as usual. A step's length is found on the slope along it, which in a
 * convex function only grows: values near the minimum, which differ by rounding alone, need not be compared.
 *
 * @see <a href="https://doi.org/10.1007/BF01589116">Liu and Nocedal 1989</a>
 */
final class Lbfgs {

    /** Steps that are remembered. */
    private static final int MEMORY = 20;

    private static final int MOST_TRIALS = 60;

    /** The slope that is left at a step's end, as a share of that at its beginning. */
    private static final double FLAT = 0.5;

    /** What is minimised. */
    interface Function {

        /**
         * Its value and gradient at a point.
         *
         * @param gradient filled
         */
        double at(double[] point, double[] gradient);
    }

    /**
     * What was found.
     *
     * @param iterations steps taken
     * @param converged whether the gradient is as small as was asked for
     */
    record Minimum(double[] point, int iterations, boolean converged) {}

    private record Step(double[] moved, double[] turned, double curvature) {}

    private final Function function;
    private final double[] inverse;
    private final Deque<Step> memory = new ArrayDeque<>();
    private double[] point;
    private double[] gradient;
    private double value;

    private Lbfgs(Function function, double[] curvature) {
        this.function = function;
        this.inverse = new double[curvature.length];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = 1 / curvature[i];
        }
        this.point = new double[curvature.length];
        this.gradient = new double[curvature.length];
        this.value = function.at(point, gradient);
    }

    /**
     * Minimises from zero, until the gradient's norm is at most {@code tolerance} times the larger of 1 and the point's norm, no step makes
     * it smaller, or time is up.
     *
     * @param curvature about the second derivative in each direction, above 0
     * @param most iterations at most
     * @param stop asked before each iteration
     */
    static Minimum minimise(Function function, double[] curvature, double tolerance, int most, BooleanSupplier stop) {
        Lbfgs search = new Lbfgs(function, curvature);
        int done = 0;
        while (!search.isAtMinimum(tolerance) && done < most && !stop.getAsBoolean() && search.step()) {
            done++;
        }
        return new Minimum(search.point, done, search.isAtMinimum(tolerance));
    }

    private boolean isAtMinimum(double tolerance) {
        return Math.sqrt(dot(gradient, gradient)) <= tolerance * Math.max(1, Math.sqrt(dot(point, point)));
    }

    /** Takes a step; false if there is none that does any good. */
    private boolean step() {
        double[] direction = direction();
        double slope = dot(gradient, direction);
        double[] next = new double[point.length];
        double[] nextGradient = new double[point.length];
        double low = 0;
        double high = Double.POSITIVE_INFINITY;
        double length = 1;
        for (int trial = 0; trial < MOST_TRIALS; trial++) {
            for (int i = 0; i < next.length; i++) {
                next[i] = point[i] + length * direction[i];
            }
            double nextValue = function.at(next, nextGradient);
            double nextSlope = dot(nextGradient, direction);
            if (nextSlope < FLAT * slope) {
                low = length;
            } else if (nextSlope <= -FLAT * slope && (nextSlope <= 0 || nextValue <= value)) {
                return accept(next, nextGradient, nextValue);
            } else {
                // Too far, or so far that the value is no number.
                high = length;
            }
            length = high == Double.POSITIVE_INFINITY ? 2 * length : (low + high) / 2;
        }
        return false;
    }

    private boolean accept(double[] next, double[] nextGradient, double nextValue) {
        double[] moved = difference(next, point);
        double[] turned = difference(nextGradient, gradient);
        double curvature = dot(moved, turned);
        if (curvature > 0) {
            memory.addLast(new Step(moved, turned, curvature));
            if (memory.size() > MEMORY) {
                memory.removeFirst();
            }
        }
        point = next;
        gradient = nextGradient;
        value = nextValue;
        return true;
    }

    /** Minus the gradient, times the inverse Hessian that the last steps suggest. */
    private double[] direction() {
        double[] q = gradient.clone();
        List<Step> newestFirst = new ArrayList<>(memory);
        Collections.reverse(newestFirst);
        double[] shares = new double[newestFirst.size()];
        for (int i = 0; i < shares.length; i++) {
            Step step = newestFirst.get(i);
            shares[i] = dot(step.moved, q) / step.curvature;
            add(-shares[i], step.turned, q);
        }
        double scale = newestFirst.isEmpty() ? 1 : scale(newestFirst.get(0));
        for (int i = 0; i < q.length; i++) {
            q[i] *= -scale * inverse[i];
        }
        for (int i = shares.length - 1; i >= 0; i--) {
            Step step = newestFirst.get(i);
            add(-shares[i] - dot(step.turned, q) / step.curvature, step.moved, q);
        }
        return q;
    }

    private double scale(Step newest) {
        double sum = 0;
        for (int i = 0; i < inverse.length; i++) {
            sum += newest.turned[i] * inverse[i] * newest.turned[i];
        }
        return newest.curvature / sum;
    }

    private static double[] difference(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    private static void add(double factor, double[] x, double[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] += factor * x[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
