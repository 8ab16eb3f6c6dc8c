package io.github.peft4j.models.kernel.packed.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.packed.Quantization;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A matrix in 4-bit NormalFloat: row by row in blocks of 64 values, \(w \approx a_b\, c_q\) with the block's largest absolute value a and
 * one of 16 codes c. With nesting the a's take 8 bits each instead of 32: what they are beyond their mean, in blocks of 256. Codes and
 * rounding are those of bitsandbytes; 4.13 bits a value with nesting, 4.5 without.
 *
 * @see <a href="https://arxiv.org/abs/2305.14314">Dettmers et al. 2023</a>
 */
public final class Nf4Values implements PackedValues {

    /** Values of a block. */
    public static final int BLOCK = 64;

    /** Scales of a block of scales. */
    static final int NESTED_BLOCK = 256;

    private final Nf4Tables tables;
    private final Shape shape;
    private final NDArray codes;
    private final NDArray[] scales;

    /**
     * Packed values.
     *
     * @param codes int32, eight codes each
     * @param scales float32 of each block; or their codes, float32 of each 256 of them, their mean, and what the codes stand for
     */
    private Nf4Values(Nf4Tables tables, Shape shape, NDArray codes, NDArray[] scales) {
        this.tables = tables;
        this.shape = shape;
        this.codes = codes;
        this.scales = scales;
    }

    /** Values that were packed before; whole blocks. */
    static Nf4Values of(Scope owner, long rows, long columns, NDArray codes, NDArray[] scales) {
        return new Nf4Values(Nf4Tables.of(owner.device()), new Shape(rows, columns), codes, scales);
    }

    /** Packs a matrix that comes in pieces of rows; all but the last hold whole blocks. */
    public static final class Packer implements Quantization.Packer {
        private final Scope owner;
        private final Nf4Tables tables;
        private final boolean nested;
        private final List<NDArray> codes = new ArrayList<>();
        private final List<NDArray> largest = new ArrayList<>();
        private long rows;
        private long columns;

        public Packer(Scope owner, boolean nested) {
            this.owner = owner;
            this.tables = Nf4Tables.of(owner.device());
            this.nested = nested;
        }

        @Override
        public void add(NDArray piece) {
            Object[] packed = (Object[]) Objects.requireNonNull(
                    owner.library().call(owner, "nf4_pack", piece, tables.thresholds(), tables.places()));
            codes.add((NDArray) packed[0]);
            largest.add((NDArray) packed[1]);
            rows += piece.getShape().get(0);
            columns = piece.getShape().get(1);
        }

        @Override
        public PackedValues finish() {
            NDArray all = StoredCodes.joined(owner, codes);
            NDArray a = StoredCodes.joined(owner, largest);
            Shape shape = new Shape(rows, columns);
            if (!nested) {
                return new Nf4Values(tables, shape, all, new NDArray[] {a});
            }
            try (a) {
                Object[] packed = (Object[])
                        Objects.requireNonNull(owner.library().call(owner, "scales_pack", a, tables.scaleThresholds()));
                return new Nf4Values(tables, shape, all, new NDArray[] {
                    (NDArray) packed[0], (NDArray) packed[1], (NDArray) packed[2], tables.scaleCodes()
                });
            }
        }
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public long bytes() {
        long ofScales = scales.length == 1
                ? Float.BYTES * scales[0].size()
                : scales[0].size() + Float.BYTES * (scales[1].size() + 1);
        return Integer.BYTES * codes.size() + ofScales;
    }

    @Override
    public NDArray unpack(Kernels kernels, Precision wanted) {
        Scope scope = kernels.scope();
        long rows = shape.get(0);
        long columns = shape.get(1);
        @Nullable
        Object values = scales.length == 1
                ? scope.library()
                        .call(scope, "nf4_values", codes, scales[0], tables.values(), rows, columns, wanted.code())
                : scope.library()
                        .call(
                                scope,
                                "nf4_nested_values",
                                codes,
                                scales[0],
                                scales[1],
                                scales[2],
                                scales[3],
                                tables.values(),
                                rows,
                                columns,
                                wanted.code());
        return (NDArray) Objects.requireNonNull(values);
    }

    @Override
    public String script(Function<NDArray, String> name, Precision wanted) {
        String sizes =
                name.apply(tables.values()) + ", " + shape.get(0) + ", " + shape.get(1) + ", " + wanted.code() + ")";
        return scales.length == 1
                ? "self.nf4_values(" + name.apply(codes) + ", " + name.apply(scales[0]) + ", " + sizes
                : "self.nf4_nested_values(" + name.apply(codes) + ", " + name.apply(scales[0]) + ", "
                        + name.apply(scales[1]) + ", " + name.apply(scales[2]) + ", " + name.apply(scales[3])
                        + ", " + sizes;
    }
}
