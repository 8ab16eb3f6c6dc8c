package io.github.peft4j.models.generate;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.KernelLibrary;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Changes to scores, float32 [B, V], in place, and the choice of tokens by them; written in {@code generate.py}. */
final class ScoreKernels {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    private final Scope scope;
    private final KernelLibrary library;

    /** Kernels whose intermediate results belong to {@code scope}. */
    ScoreKernels(Scope scope) {
        this.scope = scope;
        this.library = LOADED.computeIfAbsent(scope.device(), ScoreKernels::load);
    }

    private static KernelLibrary load(Device device) {
        try (InputStream in = Objects.requireNonNull(ScoreKernels.class.getResourceAsStream("generate.py"))) {
            return KernelLibrary.compile(
                    device, "GenerateKernels", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NDArray array(String method, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    /** Divides the scores of ids seen in a row, or multiplies them where they are below 0. */
    void penalize(NDArray scores, List<int[]> seen, double penalty) {
        List<NDArray> ids = seen.stream().map(scope::longs).toList();
        array("penalize", scores, ids, penalty).close();
        ids.forEach(NDArray::close);
    }

    /** Makes ids impossible in some rows. */
    void suppress(NDArray scores, int[] rows, int[] ids) {
        try (NDArray index = scope.longs(ids)) {
            array("suppress", scores, rows, index).close();
        }
    }

    /** Divides all scores. */
    void temper(NDArray scores, double temperature) {
        array("temper", scores, temperature).close();
    }

    /** Leaves the k likeliest tokens possible, and those as likely as the last of them. */
    void topK(NDArray scores, int k) {
        array("top_k", scores, k).close();
    }

    /** Leaves the likeliest tokens possible that make up a share p of the probability. */
    void topP(NDArray scores, double p) {
        array("top_p", scores, p).close();
    }

    /** The likeliest token of each row of scores in any format; -1 where they are not finite. */
    int[] best(NDArray scores) {
        return tokens(array("best", scores));
    }

    /** The token of each row on which a draw of 0 to 2^52 - 1 falls; -1 where the scores are not finite. */
    int[] draw(NDArray scores, long[] draws) {
        try (NDArray points = scope.longs(draws)) {
            return tokens(array("draw", scores, points));
        }
    }

    private int[] tokens(NDArray ids) {
        try (ids) {
            long[] wide = scope.kernels().toLongs(ids);
            int[] tokens = new int[wide.length];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = Math.toIntExact(wide[i]);
            }
            return tokens;
        }
    }
}
