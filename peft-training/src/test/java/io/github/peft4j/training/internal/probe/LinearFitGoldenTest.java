package io.github.peft4j.training.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.training.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Linear functions against scikit-learn's, as {@code tools/golden_probe.py} recorded them. */
@Tag("golden")
class LinearFitGoldenTest {

    private static final JsonNode GOLDEN = read();

    private static final List<float[]> FEATURES = features();

    private static JsonNode read() {
        try (InputStream in = LinearFitGoldenTest.class.getResourceAsStream("/golden/probe.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<float[]> features() {
        List<float[]> rows = new ArrayList<>();
        for (JsonNode row : GOLDEN.get("features")) {
            float[] values = new float[row.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) row.get(i).asDouble();
            }
            rows.add(values);
        }
        return rows;
    }

    private static Stream<String> names(String kind) {
        Iterable<String> all = GOLDEN.get("cases")::fieldNames;
        return StreamSupport.stream(all.spliterator(), false).filter(name -> name.startsWith(kind + ","));
    }

    static Stream<String> two() {
        return names("two");
    }

    static Stream<String> four() {
        return names("four");
    }

    static Stream<String> labels() {
        return names("labels");
    }

    static Stream<String> regression() {
        return names("regression");
    }

    private static JsonNode golden(String name) {
        return GOLDEN.get("cases").get(name);
    }

    private static LinearFit fit(JsonNode golden) {
        return new LinearFit(
                FEATURES, golden.get("intercept").asBoolean(), golden.get("C").asDouble(), () -> false);
    }

    private static double[] wanted(JsonNode golden, int output) {
        return StreamSupport.stream(golden.get("wanted").spliterator(), false)
                .mapToDouble(row -> row.isArray() ? row.get(output).asDouble() : row.asDouble())
                .toArray();
    }

    private static double score(LinearFit.Fitted fitted, int output, float[] row) {
        double sum = fitted.biases()[output];
        for (int j = 0; j < row.length; j++) {
            sum += fitted.weights()[output][j] * row[j];
        }
        return sum;
    }

    private static void assertSame(LinearFit.Fitted fitted, JsonNode golden) {
        assertThat(fitted.converged()).isTrue();
        for (int o = 0; o < fitted.weights().length; o++) {
            double[] expected = Golden.doubles(golden.get("weights").get(o));
            assertThat(fitted.weights()[o]).containsExactly(expected, within(1e-4));
            assertThat(fitted.biases()[o]).isCloseTo(golden.get("biases").get(o).asDouble(), within(1e-4));
        }
    }

    @ParameterizedTest
    @MethodSource
    void two(String name) {
        JsonNode golden = golden(name);
        LinearFit.Fitted fitted = fit(golden).fit(FitLoss.LOGISTIC, 1, wanted(golden, 0));
        assertSame(fitted, golden);
        // What is put into a head with two outputs says the same.
        LinearFit.Fitted both = fitted.asTwoClasses();
        for (int row = 0; row < golden.get("predicted").size(); row++) {
            double difference = score(both, 0, FEATURES.get(row)) - score(both, 1, FEATURES.get(row));
            assertThat(1 / (1 + Math.exp(difference)))
                    .isCloseTo(golden.get("predicted").get(row).get(1).asDouble(), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource
    void four(String name) {
        JsonNode golden = golden(name);
        assertSame(fit(golden).fit(FitLoss.MULTINOMIAL, 4, wanted(golden, 0)), golden);
    }

    @ParameterizedTest
    @MethodSource
    void labels(String name) {
        each(FitLoss.LOGISTIC, 3, golden(name));
    }

    @ParameterizedTest
    @MethodSource
    void regression(String name) {
        each(FitLoss.SQUARED, 2, golden(name));
    }

    private static void each(FitLoss loss, int outputs, JsonNode golden) {
        List<LinearFit.Fitted> each = new ArrayList<>();
        for (int o = 0; o < outputs; o++) {
            each.add(fit(golden).fit(loss, 1, wanted(golden, o)));
        }
        assertSame(LinearFit.Fitted.of(each), golden);
    }
}
