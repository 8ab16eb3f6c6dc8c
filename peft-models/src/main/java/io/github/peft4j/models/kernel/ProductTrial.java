package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A class of float32 products on the CPU, and the trial of the engine's two routines that is run once for it.
 *
 * @param backward whether the product is g w, with g [rows, out], instead of x w^T, with x [rows, in]
 * @param rows rows of g or x in the trial, which stands for other numbers of them
 * @param out outputs of w [out, in]
 * @param in its inputs
 */
record ProductTrial(boolean backward, long rows, long out, long in) {

    /** Smaller weights are not worth a trial: their products take less than the calls around them. */
    static final long SMALLEST = 1 << 18;

    /** Elements of the part of a weight that is tried. */
    private static final long AT_MOST = 1 << 22;

    /** Enough for a best time of each that other work on the machine has not disturbed; some 50 milliseconds in all. */
    private static final int TRIALS = 6;

    /**
     * Torch's routine must be faster by this factor: two of about the same speed must not take turns, or a resumed run would differ in its
     * last bits from one that was never broken off.
     */
    private static final double CLEARLY = 1.15;

    private static final Pattern TEXT = Pattern.compile("(forward|backward) (\\d{1,9})x(\\d{1,9})x(\\d{1,9})");

    /** Direction and sizes, as in {@code forward 128x576x1536}: rows, inputs, outputs. */
    String text() {
        return (backward ? "backward " : "forward ") + rows + "x" + in + "x" + out;
    }

    /** The class of a {@link #text}; empty if it is none. */
    static Optional<ProductTrial> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? Optional.of(new ProductTrial(
                        parts.group(1).equals("backward"),
                        Long.parseLong(parts.group(2)),
                        Long.parseLong(parts.group(4)),
                        Long.parseLong(parts.group(3))))
                : Optional.empty();
    }

    /** Whether oneDNN's operator is at least about as fast with a weight of these sizes. */
    boolean oneDnnWins(NDArray w) {
        KernelLibrary library = KernelLibrary.forDevice(Device.cpu());
        try (Scope scope = Scope.open(Device.cpu());
                NDArray part = part(library, scope, w)) {
            NDArray input = scope.zeros(Precision.FLOAT32, rows, part.getShape().get(backward ? 0 : 1));
            long oneDnn = Long.MAX_VALUE;
            long torch = Long.MAX_VALUE;
            for (int i = 0; i < TRIALS; i++) {
                oneDnn = Math.min(oneDnn, time(library, scope, input, part, true));
                torch = Math.min(torch, time(library, scope, input, part, false));
            }
            return oneDnn < torch * CLEARLY;
        }
    }

    /** So many rows of w as it lies, or columns where it lies transposed, that no gaps come between them. */
    private NDArray part(KernelLibrary library, Scope scope, NDArray w) {
        boolean rowMajor = (Boolean) Objects.requireNonNull(library.call(scope, "is_contiguous", w));
        int dimension = rowMajor ? 0 : 1;
        long across = w.getShape().get(1 - dimension);
        long length = Math.min(w.getShape().get(dimension), Math.max(1, AT_MOST / across));
        return scope.kernels().narrow(w, dimension, 0, length);
    }

    private long time(KernelLibrary library, Scope scope, NDArray input, NDArray w, boolean oneDnn) {
        long start = System.nanoTime();
        NDArray result = (NDArray) Objects.requireNonNull(
                backward
                        ? library.call(scope, "linear_gradient", input, w, oneDnn)
                        : library.call(scope, "linear", input, w, null, oneDnn));
        long time = System.nanoTime() - start;
        result.close();
        return time;
    }
}
