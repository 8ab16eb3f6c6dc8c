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

/**
 * A matrix in 8 bits: \(w_{ij} \approx s_i q_{ij}\) with whole numbers q from -127 to 127, the largest of each row being 127 or -127. The
 * rounding is that of bitsandbytes' {@code int8_vectorwise_quant}; its second product for outliers of the input has no counterpart here,
 * since the input is not quantised.
 *
 * @see <a href="https://arxiv.org/abs/2208.07339">Dettmers et al. 2022</a>
 */
public final class Int8Values implements PackedValues {

    private final NDArray codes;
    private final NDArray scales;

    /** Values that were packed before. */
    Int8Values(NDArray codes, NDArray scales) {
        this.codes = codes;
        this.scales = scales;
    }

    /** Packs a matrix that comes in pieces of rows. */
    public static final class Packer implements Quantization.Packer {
        private final Scope owner;
        private final List<NDArray> codes = new ArrayList<>();
        private final List<NDArray> scales = new ArrayList<>();

        public Packer(Scope owner) {
            this.owner = owner;
        }

        @Override
        public void add(NDArray rows) {
            Object[] packed = (Object[]) Objects.requireNonNull(owner.library().call(owner, "int8_pack", rows));
            codes.add((NDArray) packed[0]);
            scales.add((NDArray) packed[1]);
        }

        @Override
        public PackedValues finish() {
            return new Int8Values(StoredCodes.joined(owner, codes), StoredCodes.joined(owner, scales));
        }
    }

    @Override
    public Shape shape() {
        return codes.getShape();
    }

    @Override
    public long bytes() {
        return codes.size() + Float.BYTES * scales.size();
    }

    @Override
    public NDArray unpack(Kernels kernels, Precision wanted) {
        Scope scope = kernels.scope();
        return (NDArray)
                Objects.requireNonNull(scope.library().call(scope, "int8_values", codes, scales, wanted.code()));
    }

    @Override
    public String script(Function<NDArray, String> name, Precision wanted) {
        return "self.int8_values(" + name.apply(codes) + ", " + name.apply(scales) + ", " + wanted.code() + ")";
    }
}
