package io.github.peft4j.training.internal.probe;

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Linear functions of features that fit some rows best: those that minimise \(C \sum_i \ell(W x_i + b, y_i) + \frac12 \|W\|^2\).
 *
 * <p>With the loss of a class this is scikit-learn's {@code LogisticRegression}, of two classes by one output as there; with that of a value its
 * {@code Ridge} of \(\alpha = 1 / C\). Computed in float64.
 */
final class LinearFit {

    /** So close to the minimum that weights are right to some six digits. */
    private static final double TOLERANCE = 1e-6;

    private static final int MOST_ITERATIONS = 5000;

    /** Sums that are built side by side, since each addition waits for the one before. */
    private static final int LANES = 4;

    private final List<float[]> features;
    private final boolean intercept;
    private final double c;
    private final BooleanSupplier stop;
    private final int width;

    /**
     * A fit of rows.
     *
     * @param features [D] of each row, at least one row
     * @param intercept whether there is b; it is not made small
     * @param c C, above 0: how much rows count against small weights
     * @param stop whether to end before the minimum is reached
     */
    LinearFit(List<float[]> features, boolean intercept, double c, BooleanSupplier stop) {
        this.features = features;
        this.intercept = intercept;
        this.c = c;
        this.stop = stop;
        this.width = features.get(0).length;
    }

    /**
     * What was found.
     *
     * @param weights W, [C][D]
     * @param biases b, [C]; zeros without intercept
     * @param iterations of all searches
     * @param converged whether it is the minimum
     */
    record Fitted(double[][] weights, double[] biases, int iterations, boolean converged) {

        /** Two outputs whose difference is the only one: what a logistic function says of that, softmax says of the two. */
        Fitted asTwoClasses() {
            double[][] both = new double[2][];
            double[] shifts = new double[2];
            for (int side = 0; side < 2; side++) {
                double half = side == 0 ? -0.5 : 0.5;
                both[side] = Arrays.stream(weights[0]).map(w -> half * w).toArray();
                shifts[side] = half * biases[0];
            }
            return new Fitted(both, shifts, iterations, converged);
        }

        /** Outputs that were found one by one, beside each other. */
        static Fitted of(List<Fitted> each) {
            return new Fitted(
                    each.stream().map(one -> one.weights[0]).toArray(double[][]::new),
                    each.stream().mapToDouble(one -> one.biases[0]).toArray(),
                    each.stream().mapToInt(Fitted::iterations).sum(),
                    each.stream().allMatch(Fitted::converged));
        }
    }

    /**
     * Finds the functions.
     *
     * @param outputs C
     * @param wanted a number for each row, as the loss has it
     */
    Fitted fit(FitLoss loss, int outputs, double[] wanted) {
        int stride = width + (intercept ? 1 : 0);
        double[] curvature = curvature(loss, outputs, stride);
        Lbfgs.Minimum found = Lbfgs.minimise(
                (point, gradient) -> objective(loss, outputs, wanted, point, gradient),
                curvature,
                TOLERANCE,
                MOST_ITERATIONS,
                stop);
        double[][] weights = new double[outputs][];
        double[] biases = new double[outputs];
        for (int o = 0; o < outputs; o++) {
            weights[o] = Arrays.copyOfRange(found.point(), o * stride, o * stride + width);
            biases[o] = intercept ? found.point()[o * stride + width] : 0;
        }
        return new Fitted(weights, biases, found.iterations(), found.converged());
    }

    private double[] curvature(FitLoss loss, int outputs, int stride) {
        double[] curvature = new double[outputs * stride];
        double[] squares = new double[stride];
        for (float[] row : features) {
            for (int j = 0; j < width; j++) {
                squares[j] += (double) row[j] * row[j];
            }
        }
        for (int i = 0; i < curvature.length; i++) {
            int j = i % stride;
            curvature[i] = j < width ? 1 + c * loss.curvature() * squares[j] : c * loss.curvature() * features.size();
        }
        return curvature;
    }

    private double objective(FitLoss loss, int outputs, double[] wanted, double[] point, double[] gradient) {
        int stride = point.length / outputs;
        double[] scores = new double[outputs];
        double[] slopes = new double[outputs];
        Arrays.fill(gradient, 0);
        double sum = 0;
        for (int row = 0; row < features.size(); row++) {
            float[] x = features.get(row);
            for (int o = 0; o < outputs; o++) {
                scores[o] = dot(x, point, o * stride) + (intercept ? point[o * stride + width] : 0);
            }
            sum += loss.at(scores, wanted[row], slopes);
            for (int o = 0; o < outputs; o++) {
                add(c * slopes[o], x, gradient, o * stride);
                if (intercept) {
                    gradient[o * stride + width] += c * slopes[o];
                }
            }
        }
        double size = 0;
        for (int o = 0; o < outputs; o++) {
            for (int i = o * stride; i < o * stride + width; i++) {
                size += point[i] * point[i];
                gradient[i] += point[i];
            }
        }
        return c * sum + size / 2;
    }

    private static double dot(float[] x, double[] w, int from) {
        double a = 0;
        double b = 0;
        double d = 0;
        double e = 0;
        int whole = x.length - x.length % LANES;
        for (int j = 0; j < whole; j += LANES) {
            a += x[j] * w[from + j];
            b += x[j + 1] * w[from + j + 1];
            d += x[j + 2] * w[from + j + 2];
            e += x[j + 3] * w[from + j + 3];
        }
        for (int j = whole; j < x.length; j++) {
            a += x[j] * w[from + j];
        }
        return a + b + (d + e);
    }

    private static void add(double factor, float[] x, double[] into, int from) {
        for (int j = 0; j < x.length; j++) {
            into[from + j] += factor * x[j];
        }
    }
}
