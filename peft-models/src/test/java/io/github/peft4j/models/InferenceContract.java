package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Logits as transformers computes them, whole and from a cache. */
abstract class InferenceContract extends VariantsContract {

    InferenceContract(String golden) {
        super(golden);
    }

    @Test
    void computesTheLogitsOfTransformers() {
        assertClose("logits", logits(model, input()), golden.floats("logits"), TOLERANCE);
    }

    /**
     * Both round to 8 bits after every operation, though not after the same ones (fused kernels keep float32 inside), so their errors
     * are of one size but not equal: in transformers itself, fused and written-out attention differ by up to a sixth in it on these
     * models. Ours must not be larger by more than a quarter, measured from float32, and the two results must lie nearer to each other
     * than theirs lies to float32, since they have the rounded weights in common.
     */
    @Test
    void computesInBfloat16AsExactlyAsTransformers() throws IOException {
        try (Model<LanguageHead> half = load(golden.folder(), Precision.BFLOAT16)) {
            float[] ours = logits(half, input());
            float[] exact = golden.floats("logits");
            float[] theirs = golden.floats("bfloat16");
            double error = Golden.distance(theirs, exact);
            assertThat(Golden.distance(ours, exact)).isLessThanOrEqualTo(1.25 * error);
            assertThat(Golden.distance(ours, theirs)).isLessThanOrEqualTo(error);
        }
    }

    @Test
    void leavesOutPaddingOnEitherSide() {
        List<int[]> rows = golden.rows();
        int width = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
        for (boolean left : new boolean[] {true, false}) {
            int[][] ids = new int[rows.size()][width];
            int[][] mask = new int[rows.size()][width];
            for (int b = 0; b < ids.length; b++) {
                int[] row = rows.get(b);
                int from = left ? width - row.length : 0;
                System.arraycopy(row, 0, ids[b], from, row.length);
                Arrays.fill(mask[b], from, from + row.length, 1);
            }
            float[] expected = golden.floats(left ? "padded.left" : "padded.right");
            assertClose("logits", logits(model, ModelInput.ofPadded(ids, mask)), expected, TOLERANCE);
            assertClose("block", blockLogits(ids, mask), expected, TOLERANCE);
        }
    }

    /** Calls the model as a DJL block and keeps what is no padding; padding must be zeros. */
    private float[] blockLogits(int[][] ids, int[][] mask) {
        int width = ids[0].length;
        int vocabulary = model.config().vocabSize();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList(matrix(manager, ids), matrix(manager, mask));
            NDArray result = model.forward(new ParameterStore(manager, false), inputs, false)
                    .singletonOrThrow();
            assertThat(result.getShape()).isEqualTo(new Shape(ids.length, width, vocabulary));
            assertThat(result.getManager()).isSameAs(manager);
            float[] all = result.toFloatArray();
            float[] kept = new float[all.length];
            int count = 0;
            for (int i = 0; i < ids.length * width; i++) {
                float[] one = Arrays.copyOfRange(all, i * vocabulary, (i + 1) * vocabulary);
                if (mask[i / width][i % width] == 0) {
                    assertThat(one).containsOnly(0);
                } else {
                    System.arraycopy(one, 0, kept, vocabulary * count++, vocabulary);
                }
            }
            return Arrays.copyOf(kept, vocabulary * count);
        }
    }

    private static NDArray matrix(NDManager manager, int[][] values) {
        long[] flat = Arrays.stream(values)
                .flatMapToInt(Arrays::stream)
                .mapToLong(i -> i)
                .toArray();
        return manager.create(flat, new Shape(values.length, values[0].length));
    }

    @Test
    void givesTheSameLogitsFromACacheTokenByToken() {
        List<int[]> rows = golden.rows();
        for (int row = 0; row < rows.size(); row++) {
            List<float[]> expected = expectedOf(row, "logits");
            try (Scope scope = model.scope().child();
                    KeyValueCache cache = cache(1)) {
                for (int t = 0; t < rows.get(row).length; t++) {
                    float[] next = next(scope, cache, List.of(new int[] {rows.get(row)[t]}));
                    assertClose("row " + row + ", token " + t, next, expected.get(t), TOLERANCE);
                }
            }
        }
    }

    @Test
    void givesTheSameLogitsFromACacheInPiecesOfSeveralRows() {
        List<int[]> rows = golden.rows();
        int pieces = 3;
        try (Scope scope = model.scope().child();
                KeyValueCache cache = cache(rows.size())) {
            for (int piece = 0; piece < pieces; piece++) {
                List<int[]> part = new ArrayList<>();
                List<float[]> expected = new ArrayList<>();
                for (int row = 0; row < rows.size(); row++) {
                    int length = rows.get(row).length;
                    int to = (piece + 1) * length / pieces;
                    part.add(Arrays.copyOfRange(rows.get(row), piece * length / pieces, to));
                    expected.add(expectedOf(row, "logits").get(to - 1));
                }
                assertClose("piece " + piece, next(scope, cache, part), joined(expected), TOLERANCE);
            }
        }
    }

    @Test
    void continuesGreedilyWithTheTokensOfTransformers() {
        int steps = (int) golden.shape("continuation")[1];
        int[] expected = golden.ints("continuation");
        int[] found = new int[expected.length];
        List<int[]> rows = golden.rows();
        try (Scope scope = model.scope().child();
                KeyValueCache cache = cache(rows.size())) {
            for (int step = 0; step < steps; step++) {
                float[] logits = next(scope, cache, rows);
                int width = logits.length / rows.size();
                List<int[]> following = new ArrayList<>();
                for (int row = 0; row < rows.size(); row++) {
                    int best = argMax(Arrays.copyOfRange(logits, row * width, (row + 1) * width));
                    found[row * steps + step] = best;
                    following.add(new int[] {best});
                }
                rows = following;
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    private static int argMax(float[] values) {
        return IntStream.range(0, values.length)
                .reduce((a, b) -> values[b] > values[a] ? b : a)
                .orElseThrow();
    }
}
