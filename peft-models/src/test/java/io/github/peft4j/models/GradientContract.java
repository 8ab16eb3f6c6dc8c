package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.internal.input.SharedPrefix;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Losses and gradients as torch computes them, and what passes leave behind. */
abstract class GradientContract extends InferenceContract {

    GradientContract(String golden) {
        super(golden);
    }

    /** The gradients of all weights, which are frozen again afterwards. */
    private Map<String, float[]> gradients(Model<LanguageHead> target, Forward.Recording recording) {
        target.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
        recorded(target, recording, context -> meanLoss(target, context));
        Map<String, float[]> found = takeGradients(target);
        target.freeze();
        return found;
    }

    private static Map<String, float[]> takeGradients(Model<LanguageHead> target) {
        Map<String, float[]> found = new LinkedHashMap<>();
        target.trainableWeights().forEach((path, weight) -> {
            found.put(path, weight.scope().kernels().toFloats(weight.gradient()));
            weight.clearGradient();
        });
        return found;
    }

    /**
     * The weight by whose gradient a weight's is measured: the weight itself, but for a key's bias, which shifts all scores of a query alike where
     * keys are not rotated, so that its gradient is nothing but rounding. The query's bias has one of the size that terms of that sum have.
     */
    private String measure(String path) {
        Anatomy anatomy = model.anatomy();
        if (anatomy.positions() == Anatomy.PositionScheme.ROTARY) {
            return path;
        }
        return anatomy.blocks().stream()
                .filter(block -> !block.fused())
                .map(Anatomy.Block::projections)
                .filter(projections -> path.equals(projections.get(1) + ".bias"))
                .map(projections -> projections.get(0) + ".bias")
                .findFirst()
                .orElse(path);
    }

    private void expectGradient(String path, float[] found) {
        assertClose(
                path,
                found,
                golden.floats("gradient." + path),
                golden.floats("gradient." + measure(path)),
                GRADIENT_TOLERANCE);
    }

    @Test
    void computesTheLossOfTransformers() {
        try (Forward context = Forward.inference(model.scope())) {
            expectLoss(context, "loss");
        }
        recorded(model, PLAIN, context -> expectLoss(context, "loss"));
    }

    @Test
    void computesTheGradientOfEveryWeight() {
        Map<String, float[]> found = gradients(model, PLAIN);
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(golden.namesAfter("gradient."));
        found.forEach(this::expectGradient);
    }

    /** Whatever needs no gradient is left out of the way back, and what does gets the same. */
    @Test
    void computesTheGradientOfEachWeightAlone() {
        for (String path : golden.namesAfter("gradient.")) {
            Weight weight = model.weightsByPath().get(path);
            weight.setTrainable(true);
            recorded(model, RECOMPUTING, context -> meanLoss(model, context));
            float[] found = model.scope().kernels().toFloats(weight.gradient());
            model.freeze();
            expectGradient(path, found);
            assertThat(weight.gradient()).isNull();
        }
    }

    @Test
    void computesTheSameGradientsWhenBlocksAreRecomputed() {
        Map<String, float[]> plain = gradients(model, PLAIN);
        Map<String, float[]> again = gradients(model, RECOMPUTING);
        plain.forEach((path, gradient) -> assertThat(again.get(path)).as(path).isEqualTo(gradient));
    }

    /** Rounding to 8 bits at each of some 20 operations on the way leaves about 2 correct digits. */
    @Test
    void computesGradientsInBfloat16() throws IOException {
        try (Model<LanguageHead> half = load(golden.folder(), Precision.BFLOAT16)) {
            gradients(half, PLAIN).forEach((path, gradient) -> {
                float[] expected = golden.floats("gradient." + path);
                float[] measure = golden.floats("gradient." + measure(path));
                double size = Golden.distance(measure, new float[measure.length]);
                assertThat(Golden.distance(gradient, expected)).as(path).isLessThan(0.15 * size);
            });
        }
    }

    /** Rows that begin alike: the beginning is computed once, and so is its part in each row's gradients. */
    @Test
    void computesRowsThatBeginAlikeAsItDoesEachAlone() {
        int vocabulary = model.config().vocabSize();
        int[] sharedPrefix = IntStream.range(0, 9).map(t -> 7 * t % vocabulary).toArray();
        List<int[]> rows = new ArrayList<>();
        for (int[] own : new int[][] {{1, 2, 3}, {2}, {3, 4, 5, 6}}) {
            rows.add(IntStream.concat(Arrays.stream(sharedPrefix), Arrays.stream(own))
                    .toArray());
        }
        Batch together = Batch.of(rows, rows);
        assertThat(SharedPrefix.of(together.rows(), 0, true).input().rows().sharedPrefix())
                .isTrue();
        model.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
        double sum = 0;
        for (int[] row : rows) {
            sum += addGradients(Batch.of(List.of(row), List.of(row)));
        }
        Map<String, float[]> alone = takeGradients(model);
        assertThat(addGradients(together)).isCloseTo(sum, offset(1e-5 * sum));
        takeGradients(model)
                .forEach((path, gradient) ->
                        assertClose(path, gradient, alone.get(path), alone.get(measure(path)), GRADIENT_TOLERANCE));
        model.freeze();
    }

    private double addGradients(Batch rows) {
        double[] loss = new double[1];
        recorded(
                model,
                RECOMPUTING,
                context -> loss[0] = model.head().objective().loss(context, model, rows, 1));
        return loss[0];
    }

    /** Rows of 512 tokens and more are attended by a kernel of their own. */
    @Test
    void computesLongRowsAndTheirGradients() {
        List<String> paths = golden.namesAfter("long.gradient.");
        if (paths.isEmpty()) {
            return;
        }
        int[] ids = golden.ints("long.ids");
        float[] all = logits(model, ModelInput.of(List.of(ids)));
        float[] expected = golden.floats("long.logits");
        assertClose("logits", Arrays.copyOfRange(all, all.length - expected.length, all.length), expected, TOLERANCE);
        Map<String, Weight> weights = model.weightsByPath();
        paths.forEach(path -> weights.get(path).setTrainable(true));
        Batch rows = Batch.of(List.of(ids), List.of(ids));
        int count = model.head().objective().items(model, rows);
        recorded(
                model,
                PLAIN,
                context -> assertThat(model.head().objective().loss(context, model, rows, 1.0 / count) / count)
                        .isCloseTo(golden.floats("long.loss")[0], LOSS_TOLERANCE));
        for (String path : paths) {
            float[] gradient =
                    model.scope().kernels().toFloats(weights.get(path).gradient());
            assertClose(path, gradient, golden.floats("long.gradient." + path), GRADIENT_TOLERANCE);
        }
        model.freeze();
    }

    @Test
    void leavesNothingBehindAfterFiftyPasses() throws IOException {
        try (Model<LanguageHead> own = load(golden.folder(), Precision.BFLOAT16)) {
            own.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
            int before = 0;
            for (int pass = 0; pass <= 50; pass++) {
                recorded(own, pass % 2 == 0 ? PLAIN : RECOMPUTING, context -> meanLoss(own, context));
                logits(own, input());
                try (Scope scope = own.scope().child();
                        KeyValueCache cache =
                                new KeyValueCache(scope, 3, own.config().layers())) {
                    new Decoding(own, cache).next(scope, input());
                }
                if (pass == 0) {
                    before = LiveArrays.count(own.scope());
                }
            }
            assertThat(LiveArrays.count(own.scope())).isEqualTo(before);
        }
    }
}
