package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;

/** The padded form in which a DJL block is called: ids and mask [B, T] in, logits [B, T, V] out, zeros at padding. */
final class PaddedBatch {

    private PaddedBatch() {}

    static NDList logits(CausalLm model, NDList inputs) {
        int[][] ids = matrix(inputs.get(0));
        int[][] mask = inputs.size() > 1 ? matrix(inputs.get(1)) : ones(ids);
        try (Scope scope = model.scope().child()) {
            Kernels k = scope.kernels();
            NDArray packed = model.logits(scope, ModelInput.ofPadded(ids, mask));
            long vocabulary = packed.getShape().get(1);
            NDArray padded = scope.zeros(Precision.FLOAT32, (long) ids.length * ids[0].length, vocabulary);
            long at = 0;
            for (int b = 0; b < ids.length; b++) {
                for (int t = 0; t < ids[b].length; t++) {
                    if (mask[b][t] != 0) {
                        try (NDArray row = k.narrow(packed, 0, at++, 1)) {
                            k.copyInto(padded, 0, (long) b * ids[b].length + t, row);
                        }
                    }
                }
            }
            NDArray result = k.reshape(padded, ids.length, ids[0].length, vocabulary);
            result.attach(inputs.get(0).getManager());
            return new NDList(result);
        }
    }

    private static int[][] matrix(NDArray array) {
        long[] flat = array.toLongArray();
        int rows = (int) array.getShape().get(0);
        int columns = (int) array.getShape().get(1);
        int[][] matrix = new int[rows][columns];
        for (int i = 0; i < flat.length; i++) {
            matrix[i / columns][i % columns] = Math.toIntExact(flat[i]);
        }
        return matrix;
    }

    private static int[][] ones(int[][] like) {
        int[][] ones = new int[like.length][];
        for (int i = 0; i < like.length; i++) {
            ones[i] = new int[like[i].length];
            java.util.Arrays.fill(ones[i], 1);
        }
        return ones;
    }
}
