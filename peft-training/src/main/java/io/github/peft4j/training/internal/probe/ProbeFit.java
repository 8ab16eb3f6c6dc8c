package io.github.peft4j.training.internal.probe;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A linear function of a classifier's features in the place of its output layer's: of all classes at once, of each label by itself, or of each
 * value.
 *
 * @param c how much rows count against small weights
 */
public record ProbeFit(Model<?> model, double c, BooleanSupplier stop) {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeFit.class);

    /**
     * Reads the rows, finds the function and puts it into the model.
     *
     * @return iterations of the search; -1 if it was stopped, and the model is as before
     * @throws IllegalArgumentException if a row's label is of another kind
     */
    public int run(List<Row> rows) {
        List<float[]> wanted = rows.stream()
                .map(row -> SequenceClassification.wanted(model, row))
                .toList();
        SequenceClassification.ProblemType type = type(rows);
        Linear layer = (Linear)
                Wrapper.innermost(model.at(Objects.requireNonNull(model.head().outputLayer())));
        List<float[]> features = Features.of(model, rows, stop);
        if (features == null) {
            return -1;
        }
        LinearFit.Fitted fitted =
                fitted(type, (int) layer.out(), new LinearFit(features, layer.bias() != null, c, stop), wanted);
        if (stop.getAsBoolean()) {
            return -1;
        }
        if (!fitted.converged()) {
            LOG.warn(
                    "the best head was not found in {} iterations: this is as near as it came. A smaller C is found sooner",
                    fitted.iterations());
        }
        put(layer, fitted);
        return fitted.iterations();
    }

    private SequenceClassification.ProblemType type(List<Row> rows) {
        List<SequenceClassification.ProblemType> types = rows.stream()
                .map(row -> SequenceClassification.problemType(model, row))
                .distinct()
                .toList();
        if (types.size() > 1) {
            throw new IllegalArgumentException("some rows have one class as their label and others several: a head is"
                    + " fitted to labels of one kind");
        }
        return types.get(0);
    }

    private static LinearFit.Fitted fitted(
            SequenceClassification.ProblemType type, int outputs, LinearFit fit, List<float[]> wanted) {
        if (type == SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION) {
            return outputs == 2
                    ? fit.fit(FitLoss.LOGISTIC, 1, column(wanted, 0)).asTwoClasses()
                    : fit.fit(FitLoss.MULTINOMIAL, outputs, column(wanted, 0));
        }
        FitLoss loss = type == SequenceClassification.ProblemType.REGRESSION ? FitLoss.SQUARED : FitLoss.LOGISTIC;
        List<LinearFit.Fitted> each = new ArrayList<>();
        for (int o = 0; o < outputs; o++) {
            each.add(fit.fit(loss, 1, column(wanted, o)));
        }
        return LinearFit.Fitted.of(each);
    }

    private static double[] column(List<float[]> rows, int number) {
        return rows.stream().mapToDouble(row -> row[number]).toArray();
    }

    private void put(Linear layer, LinearFit.Fitted fitted) {
        try (Lease change = model.leases().change()) {
            double[] flat = Arrays.stream(fitted.weights())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            put(layer.weight(), flat);
            Weight bias = layer.bias();
            if (bias != null) {
                put(bias, fitted.biases());
            }
        }
    }

    private static void put(Weight weight, double[] values) {
        float[] rounded = new float[values.length];
        IntStream.range(0, values.length).forEach(i -> rounded[i] = (float) values[i]);
        try (NDArray array = weight.scope().floats(rounded, weight.shape().getShape())) {
            weight.assign(array);
        }
    }
}
