package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code tools/golden_metrics.py} recorded of scikit-learn and SciPy. */
@Tag("golden")
class MetricsGoldenTest {

    private static final double CLOSE = 1e-12;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Stream<Arguments> cases(String kind) throws IOException {
        try (InputStream in = MetricsGoldenTest.class.getResourceAsStream("/golden/metrics.json")) {
            return StreamSupport.stream(JSON.readTree(in).get(kind).spliterator(), false)
                    .map(given -> Arguments.of(given.get("name").asText(), given));
        }
    }

    static Stream<Arguments> classes() throws IOException {
        return cases("classes");
    }

    static Stream<Arguments> labels() throws IOException {
        return cases("labels");
    }

    static Stream<Arguments> scores() throws IOException {
        return cases("scores");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void classesAreJudgedAsByScikitLearn(String name, JsonNode given) throws IOException {
        assertEqual(
                given,
                Metrics.ofClasses().of(read(given, "predicted", int[].class), read(given, "expected", int[].class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("labels")
    void labelsAreJudgedAsByScikitLearn(String name, JsonNode given) throws IOException {
        assertEqual(
                given,
                Metrics.ofLabels()
                        .of(read(given, "predicted", boolean[][].class), read(given, "expected", boolean[][].class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scores")
    void scoresAreJudgedAsByScikitLearnAndSciPy(String name, JsonNode given) throws IOException {
        assertEqual(
                given,
                Metrics.ofScores()
                        .of(read(given, "predicted", double[][].class), read(given, "expected", double[][].class)));
    }

    private static <T> T read(JsonNode given, String key, Class<T> type) throws IOException {
        return JSON.treeToValue(given.get(key), type);
    }

    private static void assertEqual(JsonNode given, Map<String, Double> found) {
        List<String> keys = new ArrayList<>();
        given.get("metrics").fieldNames().forEachRemaining(keys::add);
        assertThat(found.keySet()).containsExactlyElementsOf(keys);
        found.forEach((key, value) -> {
            JsonNode wanted = given.get("metrics").get(key);
            if (wanted.isNull()) {
                assertThat(Double.isFinite(value)).as(key).isFalse();
            } else {
                assertThat(value)
                        .as(key)
                        .isCloseTo(wanted.doubleValue(), within(CLOSE * Math.max(1, Math.abs(wanted.doubleValue()))));
            }
        });
    }
}
