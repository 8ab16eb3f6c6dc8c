package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code tools/golden_metrics.py} recorded of scikit-learn, SciPy and seqeval. */
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

    static Stream<Arguments> tags() throws IOException {
        return cases("tags");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void classesAreJudgedAsByScikitLearn(String name, JsonNode given) throws IOException {
        int[] predicted = read(given, "predicted", int[].class);
        int[] expected = read(given, "expected", int[].class);
        Judged.Classes judged = given.has("outputs")
                ? Judged.Classes.of(outputs(given), expected)
                : Judged.Classes.of(predicted, expected);
        int classes = given.has("outputs")
                ? given.get("outputs").get(0).size()
                : 1
                        + IntStream.concat(Arrays.stream(predicted), Arrays.stream(expected))
                                .max()
                                .orElseThrow();
        assertEqual(given, Metrics.ofClasses(classes).of(judged));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("labels")
    void labelsAreJudgedAsByScikitLearn(String name, JsonNode given) throws IOException {
        boolean[][] expected = read(given, "expected", boolean[][].class);
        assertEqual(
                given,
                Metrics.ofLabels()
                        .of(
                                given.has("outputs")
                                        ? Judged.Labels.of(outputs(given), expected)
                                        : Judged.Labels.of(read(given, "predicted", boolean[][].class), expected)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scores")
    void scoresAreJudgedAsByScikitLearnAndSciPy(String name, JsonNode given) throws IOException {
        assertEqual(
                given,
                Metrics.ofScores()
                        .of(new Judged.Scores(
                                List.of(read(given, "predicted", double[][].class)),
                                List.of(read(given, "expected", double[][].class)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tags")
    void entitiesAreJudgedAsBySeqeval(String name, JsonNode given) throws IOException {
        List<List<String>> predicted = rows(given, "predicted");
        List<List<String>> expected = rows(given, "expected");
        assertEqual(
                given,
                Metrics.ofTags()
                        .of(
                                given.get("strict").asBoolean()
                                        ? Judged.Tags.strictIob2(predicted, expected)
                                        : Judged.Tags.of(predicted, expected)));
    }

    private static List<float[]> outputs(JsonNode given) throws IOException {
        return List.of(read(given, "outputs", float[][].class));
    }

    private static List<List<String>> rows(JsonNode given, String key) throws IOException {
        return Arrays.stream(read(given, key, String[][].class)).map(List::of).toList();
    }

    private static <T> T read(JsonNode given, String key, Class<T> type) throws IOException {
        return JSON.treeToValue(given.get(key), type);
    }

    private static void assertEqual(JsonNode given, Metrics.Found found) {
        List<String> keys = new ArrayList<>();
        given.get("metrics").fieldNames().forEachRemaining(keys::add);
        assertThat(found.numbers().keySet()).containsExactlyInAnyOrderElementsOf(keys);
        found.numbers().forEach((key, value) -> {
            JsonNode wanted = given.get("metrics").get(key);
            if (wanted.isNull()) {
                assertThat(Double.isFinite(value)).as(key).isFalse();
                assertThat(found.undefined()).containsKey(key);
            } else {
                assertThat(found.undefined()).doesNotContainKey(key);
                assertThat(value)
                        .as(key)
                        .isCloseTo(wanted.doubleValue(), within(CLOSE * Math.max(1, Math.abs(wanted.doubleValue()))));
            }
        });
    }
}
