package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the engine's two product routines to use: oneDNN's own operator, or torch's default, which on a CPU is MKL for float32 and oneDNN
 * called in another way for bfloat16.
 *
 * <p>The two differ in their last bits. So the choice follows from formats, shapes and what the engine can do alone, never from measured
 * times: equal runs have equal bits whatever else the machine does, and so has a run that is broken off and resumed. float32 goes to
 * oneDNN's operator throughout; {@code products-onednn.py} says how it is called so that it is fast on every processor. For bfloat16
 * either can be faster.
 *
 * @param float32 whether the engine has oneDNN's operator
 * @param bfloat16 whether that operator can multiply bfloat16 on this processor
 */
public record ProductChoice(boolean float32, boolean bfloat16) {

    /** {@code torch} leaves all products to torch's routine; {@code onednn} is what holds if it is not set. */
    public static final String PROPERTY = "peft4j.products";

    /** Torch's routine for everything. */
    public static final ProductChoice TORCH = new ProductChoice(false, false);

    /** Below this many rows a bfloat16 product is bound by reading the weight, which oneDNN's own operator does fastest. */
    private static final long FEW_ROWS = 8;

    /** From this many rows on a product is like any longer one. */
    private static final long MANY_ROWS = 64;

    /** From this many rows on bringing a bfloat16 weight into order costs little, and oneDNN's own operator is a twentieth faster. */
    private static final long VERY_MANY_ROWS = 768;

    /** From this many rows on float32 products ask whether to be made in pieces; {@code products-onednn.py} has the same number. */
    private static final long PIECES_FROM = 16;

    /** From this many summands on, with many rows, bfloat16's backward product is faster by oneDNN's own operator. */
    private static final long LONG_SUM = 1 << 14;

    private static final List<String> PLAIN = List.of("products-plain");
    private static final List<String> ONE_DNN = List.of("products-onednn");
    private static final List<String> FEW = List.of("products-onednn", "products-few-rows");

    /** Whether x w^T goes to oneDNN's own operator, for x [N, in] and w [out, in]. */
    public boolean forwardByOneDnn(NDArray x, NDArray w) {
        return byOneDnn(rows(x), w.getDataType(), false);
    }

    /** Whether g w goes to oneDNN's own operator, for g [N, out] and w [out, in]. */
    public boolean backwardByOneDnn(NDArray g, NDArray w) {
        long rows = rows(g);
        return byOneDnn(rows, w.getDataType(), rows >= MANY_ROWS && w.getShape().get(0) >= LONG_SUM);
    }

    /** The kernel sources for the products of a step of generation, none of which has more rows than its inputs x [B, D]. */
    List<String> forTokens(NDArray x) {
        long rows = rows(x);
        if (!byOneDnn(rows, x.getDataType(), false)) {
            return PLAIN;
        }
        return rows < PIECES_FROM ? FEW : ONE_DNN;
    }

    private boolean byOneDnn(long rows, DataType format, boolean large) {
        if (format == DataType.FLOAT32) {
            return float32;
        }
        // bfloat16 shows as UNKNOWN; float16 goes the plain way.
        return format == DataType.UNKNOWN && bfloat16 && (rows < FEW_ROWS || rows >= VERY_MANY_ROWS || large);
    }

    private static long rows(NDArray x) {
        return x.getShape().dimension() > 0 ? x.getShape().get(0) : FEW_ROWS;
    }

    /**
     * Whether oneDNN's own operator is to be used where there is one.
     *
     * @param property the system property's value, or null
     * @throws IllegalArgumentException if it has another value than the two
     */
    public static boolean oneDnnWanted(@Nullable String property) {
        if (property == null || property.equals("onednn")) {
            return true;
        }
        if (property.equals("torch")) {
            return false;
        }
        throw new IllegalArgumentException(
                "system property " + PROPERTY + " must be onednn or torch, got \"" + property + "\"");
    }
}
