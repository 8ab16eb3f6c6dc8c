package io.github.peft4j.models.generate.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.generate.Toy;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {

    private static final JsonNode GOLDEN = Toy.json("scores.json");
    private static final long LAST_DRAW = (1L << Sampler.DRAW_BITS) - 1;

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    private static float[] floats(JsonNode rows) {
        float[] values = new float[rows.size() * rows.get(0).size()];
        int at = 0;
        for (JsonNode row : rows) {
            for (JsonNode value : row) {
                values[at++] = value.isNull() ? Float.NEGATIVE_INFINITY : value.floatValue();
            }
        }
        return values;
    }

    private NDArray scores(JsonNode rows) {
        return scope.floats(floats(rows), rows.size(), rows.get(0).size());
    }

    // ---- transformers' processors

    private static void penalize(ScoreKernels kernels, NDArray scores, double penalty) {
        kernels.penalize(scores, Toy.rows(GOLDEN.get("seen")), penalty);
    }

    private static void suppress(ScoreKernels kernels, NDArray scores) {
        kernels.suppress(scores, new int[] {0, 1, 2, 3}, Toy.ints(GOLDEN.get("ending")));
    }

    private static Arguments change(String name, BiConsumer<ScoreKernels, NDArray> change) {
        return Arguments.of(name, change);
    }

    /** Which of equal scores at the edge of top-p stay is left open there; how many do is not. */
    private void assertScores(NDArray scores, String name) {
        int width = GOLDEN.get("logits").get(0).size();
        float[] actual = scores.toFloatArray();
        float[] expected = floats(GOLDEN.get("scores").get(name));
        assertThat(Arrays.copyOf(actual, width))
                .as("row without equals")
                .containsExactly(Arrays.copyOf(expected, width));
        for (int from = 0; from < actual.length; from += width) {
            float[] row = Arrays.copyOfRange(actual, from, from + width);
            float[] wanted = Arrays.copyOfRange(expected, from, from + width);
            if (!name.startsWith("top_p") && !name.equals("all")) {
                assertThat(row).containsExactly(wanted);
            }
            Arrays.sort(row);
            Arrays.sort(wanted);
            assertThat(row).as("row %d in order", from / width).containsExactly(wanted);
        }
    }

    @Test
    void ofEqualsAtTheEdgeOfTopPThoseWithTheHighestIdsStay() {
        NDArray equal = scope.floats(new float[20], 1, 20);
        new ScoreKernels(scope).topP(equal, 0.12);
        float[] expected = new float[20];
        Arrays.fill(expected, 0, 17, Float.NEGATIVE_INFINITY);
        assertThat(equal.toFloatArray()).containsExactly(expected);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("penalty 1.3", (k, s) -> penalize(k, s, 1.3)),
                change("penalty 0.6", (k, s) -> penalize(k, s, 0.6)),
                change("minimum", SamplerTest::suppress),
                change("temperature 0.7", (k, s) -> k.temper(s, 0.7)),
                change("top_k 1", (k, s) -> k.topK(s, 1)),
                change("top_k 5", (k, s) -> k.topK(s, 5)),
                change("top_k 999", (k, s) -> k.topK(s, 999)),
                change("top_p 0", (k, s) -> k.topP(s, 0)),
                change("top_p 0.3", (k, s) -> k.topP(s, 0.3)),
                change("top_p 0.9", (k, s) -> k.topP(s, 0.9)),
                change("top_p 0.999", (k, s) -> k.topP(s, 0.999)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void changesScoresAsTransformersDoes(String name, BiConsumer<ScoreKernels, NDArray> change) {
        NDArray scores = scores(GOLDEN.get("logits"));
        change.accept(new ScoreKernels(scope), scores);
        assertScores(scores, name);
    }

    @Test
    void appliesAllChangesInTheOrderOfTransformers() {
        NDArray scores = scores(GOLDEN.get("logits"));
        ScoreKernels kernels = new ScoreKernels(scope);
        penalize(kernels, scores, 1.3);
        suppress(kernels, scores);
        NDArray warped = new Sampler.Categorical(0.7, 7, 0.77).warped(scope, scores);
        assertScores(warped, "all");
    }

    @Test
    void goldenScoresTellTheChangesApart() {
        List<String> all = GOLDEN.get("scores").properties().stream()
                .map(named -> named.getValue().toString())
                .toList();
        // More than all tokens is the one change that changes nothing; a share of nothing leaves the likeliest, as one
        // token does,
        // except among equals.
        assertThat(all).doesNotHaveDuplicates();
        assertThat(GOLDEN.get("scores").get("top_k 999")).isEqualTo(GOLDEN.get("logits"));
    }

    // ---- choosing

    @Test
    void greedyTakesTheFirstOfTheLikeliest() {
        NDArray scores = scope.floats(new float[] {1, 3, 2, 3, -1, -4, -2, -2}, 2, 4);
        assertThat(new Sampler.Greedy().choose(scope, scores, new long[2])).containsExactly(1, 0);
    }

    @Test
    void choosesInBfloat16WithoutChangingTheScores() {
        NDArray scores = scope.kernels().cast(scope.floats(new float[] {1, 3, 2, 0}, 1, 4), Precision.BFLOAT16);
        assertThat(new Sampler.Greedy().choose(scope, scores, new long[1])).containsExactly(1);
        Sampler narrow = new Sampler.Categorical(0.5, 2, 0.9);
        assertThat(narrow.choose(scope, scores, new long[1])).containsExactly(1);
        assertThat(scope.kernels().toFloats(scores)).containsExactly(1, 3, 2, 0);
    }

    @Test
    void drawsTheTokenWhoseShareTheDrawFallsInto() {
        float[] logs = {(float) Math.log(0.5), Float.NEGATIVE_INFINITY, (float) Math.log(0.25), (float) Math.log(0.25)};
        Sampler plain = new Sampler.Categorical(1, 0, 1);
        double[] at = {0, 0.49, 0.51, 0.74, 0.76, 0.999};
        for (int i = 0; i < at.length; i++) {
            long draw = (long) (at[i] * (1L << Sampler.DRAW_BITS));
            int expected = at[i] < 0.5 ? 0 : at[i] < 0.75 ? 2 : 3;
            assertThat(plain.choose(scope, scope.floats(logs, 1, 4), new long[] {draw}))
                    .as("draw %s", at[i])
                    .containsExactly(expected);
        }
    }

    @Test
    void neverDrawsAnImpossibleToken() {
        float out = Float.NEGATIVE_INFINITY;
        Sampler plain = new Sampler.Categorical(1, 0, 1);
        for (int size = 1; size < 60; size++) {
            float[] scores = new float[size + 2];
            Arrays.fill(scores, 0.1f * size);
            scores[0] = out;
            scores[size + 1] = out;
            NDArray rows = scope.floats(scores, 1, size + 2);
            assertThat(plain.choose(scope, rows, new long[] {0})).containsExactly(1);
            assertThat(plain.choose(scope, rows, new long[] {LAST_DRAW})).containsExactly(size);
        }
    }

    @Test
    void saysWhichRowsHaveScoresThatAreNotFinite() {
        float[] scores = {1, 2, Float.NaN, 1, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        NDArray rows = scope.floats(scores, 3, 2);
        assertThat(new Sampler.Greedy().choose(scope, rows, new long[3])).containsExactly(1, -1, -1);
        assertThat(new Sampler.Categorical(1, 0, 1).choose(scope, rows, new long[3]))
                .containsExactly(0, -1, -1);
    }

    // ---- distribution

    /** The statistic of counts against shares, which should be near its degrees of freedom. */
    static double chiSquare(long[] counts, double[] shares) {
        double total = LongStream.of(counts).sum();
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = total * shares[i];
            sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return sum;
    }

    private long[] count(Sampler sampler, float[] logits, int draws, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int batch = 2000;
        float[] rows = new float[batch * logits.length];
        for (int row = 0; row < batch; row++) {
            System.arraycopy(logits, 0, rows, row * logits.length, logits.length);
        }
        NDArray scores = scope.floats(rows, batch, logits.length);
        long[] counts = new long[logits.length];
        for (int done = 0; done < draws; done += batch) {
            long[] points = LongStream.range(0, batch)
                    .map(i -> random.nextLong() >>> (Long.SIZE - Sampler.DRAW_BITS))
                    .toArray();
            for (int id : sampler.choose(scope, scores, points)) {
                counts[id]++;
            }
        }
        return counts;
    }

    private static double[] softmax(float[] logits, double temperature) {
        double[] shares = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.exp(logits[i] / temperature);
            sum += shares[i];
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void drawsTokensAsOftenAsTheirProbabilitySays(long seed) {
        float[] logits = {0.5f, -1, 2, 1.5f, 0, -2, 1, 0.25f};
        long[] counts = count(new Sampler.Categorical(1.5, 0, 1), logits, 20_000, seed);
        // 7 degrees of freedom: above 24.3 once in a thousand.
        assertThat(chiSquare(counts, softmax(logits, 1.5))).isBetween(0.5, 24.3);
    }

    static LongStream seeds() {
        return LongStream.range(0, 5);
    }

    @Test
    void drawsOnlyFromTheLikeliestAndInTheirProportion() {
        float[] logits = {0.5f, -1, 2, 1.5f, 0, -2, 1, 0.25f};
        long[] counts = count(new Sampler.Categorical(1, 3, 1), logits, 20_000, 11);
        assertThat(new long[] {counts[0], counts[1], counts[4], counts[5], counts[7]})
                .containsOnly(0);
        float[] likeliest = {2, 1.5f, 1};
        // 2 degrees of freedom: above 13.8 once in a thousand.
        assertThat(chiSquare(new long[] {counts[2], counts[3], counts[6]}, softmax(likeliest, 1)))
                .isLessThan(13.8);
    }

    @Test
    void aPromptsDrawsAreSpreadEvenlyOverPromptsAndSeeds() {
        long[] counts = new long[16];
        for (int i = 0; i < 8000; i++) {
            Continuation text = new Continuation(0, new int[] {i % 40, i / 40}, 1, i % 3);
            counts[(int) (text.draw() >>> (Sampler.DRAW_BITS - 4))]++;
        }
        double[] even = new double[16];
        Arrays.fill(even, 1.0 / 16);
        // 15 degrees of freedom: above 37.7 once in a thousand.
        assertThat(chiSquare(counts, even)).isBetween(2.0, 37.7);
    }
}
