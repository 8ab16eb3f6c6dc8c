package io.github.peft4j.models.internal.loss;

import io.github.peft4j.models.batch.Row;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How much each class counts: {@code weight} of torch's {@code CrossEntropyLoss}, whose mean is divided by the sum of the weights of what was
 * to be predicted; of labels that do not exclude each other {@code pos_weight} of {@code BCEWithLogitsLoss}.
 *
 * @param each by number; none for classes that count alike
 */
public record ClassWeights(double[] each) {

    /** All alike. */
    public static final ClassWeights NONE = new ClassWeights(new double[0]);

    /**
     * Copies them.
     *
     * @throws IllegalArgumentException if one is not above 0 and finite
     */
    public ClassWeights {
        each = each.clone();
        for (int c = 0; c < each.length; c++) {
            if (!(each[c] > 0) || Double.isInfinite(each[c])) {
                throw new IllegalArgumentException("the weight of class " + c + " must be above 0, got " + each[c]);
            }
        }
    }

    /**
     * Weights by which all classes count alike over these rows: scikit-learn's {@code compute_class_weight("balanced")}, n / (k * count) with k classes that
     * occur among n labels, and 1 for those that do not occur. Of labels that do not exclude each other the rows without each by those with it, in which the two
     * weights that scikit-learn gives stand to each other.
     *
     * @throws IllegalArgumentException if rows are of neither kind, or every row has a label, or none
     */
    public static ClassWeights balanced(List<Row> rows, int outputs) {
        long[] counts = new long[outputs];
        if (rows.stream().allMatch(row -> row.target() instanceof Row.Target.Scores)) {
            rows.forEach(row -> count(counts, ((Row.Target.Scores) row.target()).values()));
            double[] weights = new double[outputs];
            for (int c = 0; c < outputs; c++) {
                if (counts[c] == 0 || counts[c] == rows.size()) {
                    throw new IllegalArgumentException("label " + c + " applies to " + counts[c] + " of " + rows.size()
                            + " rows, so nothing balances it: give weights by number");
                }
                weights[c] = (double) (rows.size() - counts[c]) / counts[c];
            }
            return new ClassWeights(weights);
        }
        rows.forEach(
                row -> Arrays.stream(labels(row)).filter(label -> label >= 0).forEach(label -> counts[label]++));
        double all = Arrays.stream(counts).sum();
        double occurring = Arrays.stream(counts).filter(count -> count > 0).count();
        return new ClassWeights(Arrays.stream(counts)
                .mapToDouble(count -> count == 0 ? 1 : all / (occurring * count))
                .toArray());
    }

    private static void count(long[] counts, float[] applies) {
        for (int c = 0; c < counts.length; c++) {
            counts[c] += applies[c] > 0.5f ? 1 : 0;
        }
    }

    private static int[] labels(Row row) {
        if (row.target() instanceof Row.Target.Label label) {
            return new int[] {label.id()};
        }
        if (row.target() instanceof Row.Target.TokenLabels tokens) {
            return tokens.labels();
        }
        throw new IllegalArgumentException("only rows or tokens of classes can be balanced");
    }

    /** Whether all count alike. */
    public boolean isNone() {
        return each.length == 0;
    }

    /** That of a class. */
    public double of(int label) {
        return isNone() ? 1 : each[label];
    }

    /**
     * Checks that there is one for each output.
     *
     * @throws IllegalArgumentException if not
     */
    public void requireFor(int outputs) {
        if (!isNone() && each.length != outputs) {
            throw new IllegalArgumentException(
                    "there are " + each.length + " class weights, expected one for each of " + outputs + " outputs");
        }
    }

    /** What must be the same for a run to be resumed. */
    public Map<String, String> settings() {
        return isNone() ? Map.of() : Map.of("class weights", toString());
    }

    @Override
    public double[] each() {
        return each.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassWeights weights && Arrays.equals(each, weights.each);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(each);
    }

    @Override
    public String toString() {
        return Arrays.stream(each).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }
}
