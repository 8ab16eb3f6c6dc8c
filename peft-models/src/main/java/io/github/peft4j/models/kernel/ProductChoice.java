package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which of the engine's two product routines to use on the CPU: oneDNN's own operator, or torch's default, which is MKL for float32 and
 * oneDNN called in another way for bfloat16.
 *
 * <p>For float32 which is faster depends on the CPU, the direction and the weight's sizes, and is measured once per process for each such
 * class. The two differ in their last bits, so the choice must not tip over from one run to the next: torch's routine is taken only where it
 * is clearly faster, products with small weights are not measured, a resumed run {@linkplain #adopt adopts} the choices of the one before it,
 * and the system property {@value #PROPERTY} settles it for all. With the value {@code packed} frozen float32 matrices are kept a second
 * time, in oneDNN's own order, which spares forward products the sorting: memory for speed. For bfloat16 and float16 it is known.
 */
public final class ProductChoice {

    /** {@code onednn}, {@code packed} or {@code torch}; measured between the first and the last if not set. */
    static final String PROPERTY = "peft4j.products";

    /** Below this many rows a product is bound by reading the weight, which oneDNN's own operator does fastest. */
    private static final long FEW_ROWS = 8;

    /** From this many rows on a product is like any longer one. */
    private static final long MANY_ROWS = 64;

    /** Rows of the trials that decide for fewer rows than {@link #MANY_ROWS}, and for more. */
    private static final long TRIED_SOME = 32;

    private static final long TRIED_MANY = 128;

    /** From this many summands on, with many rows, bfloat16's backward product is faster by oneDNN's own operator. */
    private static final long LONG_SUM = 1 << 14;

    /** A way to compute products of float32. */
    enum Routine {
        ONEDNN,
        PACKED,
        TORCH;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Map<ProductTrial, Boolean> MEASURED = new ConcurrentHashMap<>();

    private ProductChoice() {}

    /**
     * Whether x w^T goes to oneDNN's own operator, for x [N, in] and w [out, in].
     *
     * @throws IllegalArgumentException if the system property has another value than the three
     */
    static boolean forwardByOneDnn(NDArray x, NDArray w) {
        return oneDnn(false, x, w);
    }

    /**
     * Whether g w goes to oneDNN's own operator, for g [N, out] and w [out, in].
     *
     * @throws IllegalArgumentException if the system property has another value than the three
     */
    static boolean backwardByOneDnn(NDArray g, NDArray w) {
        return oneDnn(true, g, w);
    }

    private static boolean oneDnn(boolean backward, NDArray x, NDArray w) {
        // bfloat16 shows as UNKNOWN; float16 goes the plain way.
        DataType format = w.getDataType();
        long rows = x.getShape().dimension() > 0 ? x.getShape().get(0) : FEW_ROWS;
        if (format == DataType.FLOAT32) {
            Routine settled = settled(System.getProperty(PROPERTY));
            return settled != null ? settled != Routine.TORCH : rows < FEW_ROWS || faster(backward, rows, w);
        }
        return format == DataType.UNKNOWN
                && (rows < FEW_ROWS
                        || backward && rows >= MANY_ROWS && w.getShape().get(0) >= LONG_SUM);
    }

    private static boolean faster(boolean backward, long rows, NDArray w) {
        if (w.getShape().dimension() != 2 || w.size() < ProductTrial.SMALLEST) {
            return true;
        }
        ProductTrial trial = new ProductTrial(
                backward,
                rows < MANY_ROWS ? TRIED_SOME : TRIED_MANY,
                w.getShape().get(0),
                w.getShape().get(1));
        return MEASURED.computeIfAbsent(trial, t -> t.oneDnnWins(w));
    }

    /**
     * Whether a step of generation goes to oneDNN's own operator, for inputs x [B, D].
     *
     * @throws IllegalArgumentException if the system property has another value than the three
     */
    static boolean tokensByOneDnn(NDArray x) {
        return x.getDataType() == DataType.FLOAT32
                ? settled(System.getProperty(PROPERTY)) != Routine.TORCH
                : x.getDataType() == DataType.UNKNOWN && x.getShape().get(0) < FEW_ROWS;
    }

    /** The choices that were measured or adopted so far in this process: {@code onednn} or {@code torch} by class of product. */
    public static Map<String, String> measured() {
        Map<String, String> choices = new TreeMap<>();
        MEASURED.forEach(
                (trial, oneDnn) -> choices.put(trial.text(), (oneDnn ? Routine.ONEDNN : Routine.TORCH).text()));
        return choices;
    }

    /**
     * Takes over choices of another process, in place of those made here so far.
     *
     * @param choices what {@link #measured} returned there
     * @throws IllegalArgumentException if a class or a routine is unknown, with all of them
     */
    public static void adopt(Map<String, String> choices) {
        Map<ProductTrial, Boolean> adopted = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        choices.forEach((text, routine) -> {
            Optional<ProductTrial> trial = ProductTrial.parse(text);
            boolean oneDnn = routine.equals(Routine.ONEDNN.text());
            if (trial.isEmpty() || !oneDnn && !routine.equals(Routine.TORCH.text())) {
                unknown.add('"' + text + "\": \"" + routine + '"');
            } else {
                adopted.put(trial.get(), oneDnn);
            }
        });
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected choices as \"forward 128x576x1536\": \"onednn\", or backward, or torch; got "
                            + String.join(", ", unknown));
        }
        MEASURED.putAll(adopted);
    }

    /** Whether frozen float32 matrices are kept in oneDNN's own order too. */
    static boolean packs() {
        return settled(System.getProperty(PROPERTY)) == Routine.PACKED;
    }

    /** What the property's value says about float32 products; null if it is not set, so that they are measured. */
    static @Nullable Routine settled(@Nullable String property) {
        if (property == null) {
            return null;
        }
        return Arrays.stream(Routine.values())
                .filter(routine -> routine.text().equals(property))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "system property " + PROPERTY + " must be onednn, packed or torch, got \"" + property + "\""));
    }
}
