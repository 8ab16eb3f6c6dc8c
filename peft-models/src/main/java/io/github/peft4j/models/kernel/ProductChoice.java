package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which of the engine's two product routines to use on the CPU, by format and number of rows: known for the 16-bit formats, measured
 * once per process for float32, where torch's default (MKL) loses by half on some CPUs and wins on others.
 *
 * <p>The two differ in their last bits, so the choice must not tip over from one run to the next: torch's routine is taken only where it
 * is clearly faster, and the system property {@value #PROPERTY} settles it without a measurement. With the value {@code packed} frozen
 * float32 matrices are kept a second time, in oneDNN's own order, which spares forward products the sorting: memory for speed.
 */
final class ProductChoice {

    /** {@code onednn}, {@code packed} or {@code torch}; measured between the first and the last if not set. */
    static final String PROPERTY = "peft4j.products";

    /** Below this many rows a bfloat16 product is bound by reading the weight, which oneDNN's own operator does twice as fast. */
    private static final long FEW_ROWS = 8;

    /**
     * Torch's routine must be faster by this factor: two routines of about the same speed must not take turns, or a resumed run would
     * differ in its last bits from one that was never broken off.
     */
    private static final double CLEARLY = 1.6;

    /** Enough for a best time of each that other work on the machine has not disturbed, a tenth of a second in all. */
    private static final int TRIALS = 50;

    /** A way to compute products of float32. */
    enum Routine {
        ONEDNN,
        PACKED,
        TORCH
    }

    private static volatile @Nullable Routine chosen;

    private ProductChoice() {}

    /**
     * Whether a product with {@code weight}'s format and the rows of {@code x} goes to oneDNN's own operator.
     *
     * @throws IllegalArgumentException if the system property has another value than the three
     */
    static boolean oneDnnFor(DataType weight, NDArray x) {
        if (weight == DataType.FLOAT32) {
            return float32() != Routine.TORCH;
        }
        // bfloat16 shows as UNKNOWN; float16 goes the plain way.
        return weight == DataType.UNKNOWN
                && x.getShape().dimension() > 0
                && x.getShape().get(0) < FEW_ROWS;
    }

    /** Whether frozen float32 matrices are kept in oneDNN's own order too. */
    static boolean packs() {
        return float32() == Routine.PACKED;
    }

    private static Routine float32() {
        Routine known = chosen;
        return known != null ? known : settle();
    }

    private static synchronized Routine settle() {
        Routine known = chosen;
        if (known == null) {
            known = choose(System.getProperty(PROPERTY));
            chosen = known;
        }
        return known;
    }

    /** What the property's value, null if it is not set, says about float32 products. */
    static Routine choose(@Nullable String property) {
        if (property == null) {
            return measure() ? Routine.ONEDNN : Routine.TORCH;
        }
        return switch (property) {
            case "onednn" -> Routine.ONEDNN;
            case "packed" -> Routine.PACKED;
            case "torch" -> Routine.TORCH;
            default ->
                throw new IllegalArgumentException(
                        "system property " + PROPERTY + " must be onednn, packed or torch, got \"" + property + "\"");
        };
    }

    /** Whether oneDNN wins. */
    private static boolean measure() {
        KernelLibrary library = KernelLibrary.forDevice(Device.cpu());
        try (Scope scope = Scope.open(Device.cpu());
                NDArray x = scope.zeros(Precision.FLOAT32, 256, 512);
                NDArray w = scope.zeros(Precision.FLOAT32, 768, 512)) {
            long oneDnn = Long.MAX_VALUE;
            long torch = Long.MAX_VALUE;
            for (int i = 0; i < TRIALS; i++) {
                oneDnn = Math.min(oneDnn, time(library, scope, x, w, true));
                torch = Math.min(torch, time(library, scope, x, w, false));
            }
            return oneDnn < torch * CLEARLY;
        }
    }

    private static long time(KernelLibrary library, Scope scope, NDArray x, NDArray w, boolean oneDnn) {
        long start = System.nanoTime();
        NDArray result = (NDArray) Objects.requireNonNull(library.call(scope, "linear", x, w, null, oneDnn));
        long time = System.nanoTime() - start;
        result.close();
        return time;
    }
}
