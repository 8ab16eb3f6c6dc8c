package io.github.peft4j.training.internal.probe;

/** What a row's outputs cost. */
enum FitLoss {
    /** Half the squared error of one output. */
    SQUARED(1) {
        @Override
        double at(double[] outputs, double wanted, double[] gradient) {
            gradient[0] = outputs[0] - wanted;
            return gradient[0] * gradient[0] / 2;
        }
    },

    /** The binary cross-entropy of one output with a probability. */
    LOGISTIC(0.25) {
        @Override
        double at(double[] outputs, double wanted, double[] gradient) {
            double x = outputs[0];
            double tail = Math.exp(-Math.abs(x));
            gradient[0] = (x >= 0 ? 1 / (1 + tail) : tail / (1 + tail)) - wanted;
            return Math.max(x, 0) - x * wanted + Math.log1p(tail);
        }
    },

    /** The cross-entropy of several outputs with a class. */
    MULTINOMIAL(0.25) {
        @Override
        double at(double[] outputs, double wanted, double[] gradient) {
            double largest = outputs[0];
            for (double output : outputs) {
                largest = Math.max(largest, output);
            }
            double sum = 0;
            for (int c = 0; c < outputs.length; c++) {
                gradient[c] = Math.exp(outputs[c] - largest);
                sum += gradient[c];
            }
            for (int c = 0; c < outputs.length; c++) {
                gradient[c] /= sum;
            }
            gradient[(int) wanted] -= 1;
            return Math.log(sum) + largest - outputs[(int) wanted];
        }
    };

    /** The largest second derivative by one output. */
    private final double curvature;

    FitLoss(double curvature) {
        this.curvature = curvature;
    }

    double curvature() {
        return curvature;
    }

    /**
     * The loss of a row.
     *
     * @param outputs [C]
     * @param wanted a value, a probability or the number of a class
     * @param gradient [C], filled
     */
    abstract double at(double[] outputs, double wanted, double[] gradient);
}
