package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.EngineGuard;
import java.util.Arrays;

/** The padded form in which a DJL block is called: ids, mask and token types [B, T] in, float32 logits out: [B, T, C] with zeros at padding,
 * or [B, C] of a head that pools rows. */
final class PaddedBatch {

    private PaddedBatch() {}

    /**
     * Runs a model.
     *
     * @param inputs token ids, then perhaps an attention mask with 0 for padding, then perhaps types of tokens
     * @return the logits, owned by the manager of the ids
     */
    static NDList logits(Model<?> model, NDList inputs) {
        try (Lease pass = model.leases().pass()) {
            return run(model, inputs);
        }
    }

    /**
     * The shape of the logits.
     *
     * @param ids the shape of the token ids, [B, T]
     */
    static Shape outputShape(Model<?> model, Shape ids) {
        long outputs = model.outputs();
        return model.head().readsEveryToken() ? ids.add(outputs) : new Shape(ids.get(0), outputs);
    }

    private static NDList run(Model<?> model, NDList inputs) {
        if (inputs.isEmpty() || inputs.size() > 3) {
            throw new IllegalArgumentException(
                    "a model takes token ids, perhaps an attention mask, and perhaps token types, got " + inputs.size()
                            + " arrays");
        }
        try (Scope scope = model.scope().child()) {
            Kernels k = scope.kernels();
            int[][] ids = matrix(k, inputs.get(0), "token ids");
            int[][] mask = inputs.size() > 1 ? matrix(k, inputs.get(1), "the attention mask") : ones(ids);
            int[][] types = inputs.size() > 2 ? matrix(k, inputs.get(2), "token types") : new int[ids.length][0];
            ModelInput input = ModelInput.ofPadded(ids, mask, types);
            long width = ids[0].length;
            NDArray packed = k.cast(model.logits(scope, input), Precision.FLOAT32);
            if (!model.head().readsEveryToken()) {
                packed.attach(inputs.get(0).getManager());
                return new NDList(packed);
            }
            NDArray places = scope.longs(places(mask));
            NDArray padded = k.rowsGradient(packed, places, ids.length * width);
            NDArray result =
                    k.reshape(padded, ids.length, width, packed.getShape().get(1));
            result.attach(inputs.get(0).getManager());
            return new NDList(result);
        }
    }

    /** For each token that is no padding, row after row, its place in the flattened batch. */
    private static long[] places(int[][] mask) {
        long[] places = new long[mask.length * mask[0].length];
        int count = 0;
        for (int row = 0; row < mask.length; row++) {
            for (int t = 0; t < mask[row].length; t++) {
                if (mask[row][t] != 0) {
                    places[count++] = (long) row * mask[row].length + t;
                }
            }
        }
        return Arrays.copyOf(places, count);
    }

    private static int[][] matrix(Kernels k, NDArray array, String what) {
        if (array.getShape().dimension() != 2 || array.getShape().size() == 0) {
            throw new IllegalArgumentException(what + " must have the shape [B, T], got " + array.getShape());
        }
        EngineGuard.require(array, "a padded batch");
        long[] flat = k.truncated(array);
        int columns = (int) array.getShape().get(1);
        int[][] matrix = new int[(int) array.getShape().get(0)][columns];
        for (int i = 0; i < flat.length; i++) {
            matrix[i / columns][i % columns] = Math.toIntExact(flat[i]);
        }
        return matrix;
    }

    private static int[][] ones(int[][] like) {
        int[][] ones = new int[like.length][];
        for (int i = 0; i < like.length; i++) {
            ones[i] = new int[like[i].length];
            Arrays.fill(ones[i], 1);
        }
        return ones;
    }
}
