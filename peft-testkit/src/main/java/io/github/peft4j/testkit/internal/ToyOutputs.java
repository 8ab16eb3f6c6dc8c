package io.github.peft4j.testkit.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.testkit.ToyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a model computes from {@link ToyTraining#rows}, and what stands in its weights, as Java arrays. */
public final class ToyOutputs {

    private ToyOutputs() {}

    /** The logits of all positions of all rows, computed together. */
    public static float[] logits(Model<?> model) {
        return logits(model, ToyTraining.rows().tokenIds());
    }

    /** The logits of all positions of some rows, computed together. */
    public static float[] logits(Model<?> model, List<int[]> rows) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(rows))) {
            return scope.kernels().toFloats(logits);
        }
    }

    /** The logits of all positions of {@link ToyTraining#rows}, each of which chooses what applies to it. */
    public static float[] logits(Model<?> model, RowSelection selection) {
        ModelInput input = ModelInput.of(ToyTraining.rows().tokenIds()).selecting(selection);
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, input)) {
            return scope.kernels().toFloats(logits);
        }
    }

    /** The same, each row computed by itself. */
    public static float[] logitsRowByRow(Model<?> model) {
        List<float[]> parts = new ArrayList<>();
        int size = 0;
        for (int[] row : ToyTraining.rows().tokenIds()) {
            parts.add(logits(model, List.of(row)));
            size += parts.get(parts.size() - 1).length;
        }
        float[] joined = new float[size];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    private static int[] firstRow() {
        return ToyTraining.rows().tokenIds().get(0);
    }

    /** The logits of the first row's last position. */
    public static float[] lastLogits(Model<?> model) {
        float[] all = logits(model, List.of(firstRow()));
        return Arrays.copyOfRange(all, all.length - ToyModel.VOCABULARY, all.length);
    }

    /** The same, with keys and values kept: first half of the row at once, then token by token. */
    public static float[] lastLogitsTokenByToken(Model<LanguageHead> model) {
        int[] row = firstRow();
        int start = row.length / 2;
        float[] last = {};
        try (Scope scope = model.scope().child();
                KeyValueCache cache = new KeyValueCache(scope, 1, model.config().layers())) {
            for (int end = start; end <= row.length; end++) {
                int[] ids = end == start ? Arrays.copyOf(row, start) : new int[] {row[end - 1]};
                Rows rows = new Rows(new int[] {ids.length}, new int[] {cache.length(0)});
                try (NDArray logits =
                        new Decoding(model, cache).next(scope, new ModelInput(ids, rows, null, List.of()))) {
                    last = scope.kernels().toFloats(logits);
                }
            }
        }
        return last;
    }

    /** A weight's values. */
    public static float[] values(Weight weight) {
        return weight.scope().kernels().toFloats(weight.array());
    }

    /** Weights' values. */
    public static Map<String, float[]> values(Map<String, Weight> weights) {
        Map<String, float[]> values = new LinkedHashMap<>();
        weights.forEach((key, weight) -> values.put(key, values(weight)));
        return values;
    }

    /**
     * What stands under a key.
     *
     * @throws NullPointerException naming the key, if nothing does
     */
    public static float[] at(Map<String, float[]> values, String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    /**
     * Weights' gradients.
     *
     * @throws NullPointerException if one has none
     */
    public static Map<String, float[]> gradients(Map<String, Weight> weights) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        weights.forEach((key, weight) -> gradients.put(
                key,
                weight.scope()
                        .kernels()
                        .toFloats(Objects.requireNonNull(weight.gradient(), () -> "no gradient of " + key))));
        return gradients;
    }
}
