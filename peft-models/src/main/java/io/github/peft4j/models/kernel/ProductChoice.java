package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Objects;

/**
 * Which of the engine's two product routines to use, by format and number of rows: measured once per process for float32, where
 * torch's default (MKL) loses by half on some CPUs and wins on others; known for the rest.
 */
final class ProductChoice {

    /** Below this many rows a bfloat16 product is bound by reading the weight, which oneDNN's own operator does twice as fast. */
    private static final long FEW_ROWS = 8;

    private static final int TRIALS = 5;

    private ProductChoice() {}

    /** The measurement, made when first asked for. */
    private static final class Measured {
        static final boolean ONE_DNN_WINS = measure();
    }

    static boolean oneDnnFor(DataType weight, long rows) {
        if (weight == DataType.FLOAT32) {
            return Measured.ONE_DNN_WINS;
        }
        // bfloat16 shows as UNKNOWN; float16 goes the plain way.
        return weight == DataType.UNKNOWN && rows < FEW_ROWS;
    }

    private static boolean measure() {
        KernelLibrary library = KernelLibrary.forDevice(Device.cpu());
        try (Scope scope = Scope.open(Device.cpu());
                NDArray x = scope.zeros(Precision.FLOAT32, 256, 512);
                NDArray w = scope.zeros(Precision.FLOAT32, 768, 512)) {
            return best(library, scope, x, w, true) < best(library, scope, x, w, false);
        }
    }

    private static long best(KernelLibrary library, Scope scope, NDArray x, NDArray w, boolean oneDnn) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIALS; i++) {
            long start = System.nanoTime();
            Object result = library.call(scope, "linear", x, w, null, oneDnn);
            best = Math.min(best, System.nanoTime() - start);
            ((NDArray) Objects.requireNonNull(result)).close();
        }
        return best;
    }
}
