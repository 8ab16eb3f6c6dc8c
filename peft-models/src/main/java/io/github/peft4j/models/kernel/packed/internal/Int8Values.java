package io.github.peft4j.models.kernel.packed.internal;

import ai.djl.Device;
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
 * A matrix in 8 bits: \(w_{ij} \approx s_i q_{ij}\) with whole numbers q from -127 to 127, the largest of each row being 127 or -127. The
 * rounding is that of bitsandbytes' {@code int8_vectorwise_quant}; its second product for outliers of the input has no counterpart here,
 * since the input is not quantised.
 *
 * @see <a href="https://arxiv.org/abs/2208.07339">Dettmers et al. 2022</a>
 */
public final class Int8Values implements PackedValues {

    private final NDArray codes;
    private final NDArray scales;
    private final boolean multiplied;

    /** Values that were packed before. */
    Int8Values(NDArray codes, NDArray scales) {
        this(codes, scales, false);
    }

    private Int8Values(NDArray codes, NDArray scales, boolean multiplied) {
        this.codes = codes;
        this.scales = scales;
        this.multiplied = multiplied;
    }

    /** Packs a matrix that comes in pieces of rows. */
    public static final class Packer implements Quantization.Packer {
        private final Scope owner;
        private final boolean multiplied;
        private final List<NDArray> codes = new ArrayList<>();
        private final List<NDArray> scales = new ArrayList<>();

        /**
         * A packer.
         *
         * @param multiplied whether the codes take part in products as they are
         * @throws IllegalArgumentException if they are to and cannot on the owner's device
         */
        public Packer(Scope owner, boolean multiplied) {
            String missing = multiplied ? Int8Products.missing(owner.device()) : null;
            if (missing != null) {
                throw new IllegalArgumentException(missing);
            }
            this.owner = owner;
            this.multiplied = multiplied;
        }

        @Override
        public void add(NDArray rows) {
            Object[] packed = (Object[]) Objects.requireNonNull(owner.library().call(owner, "int8_pack", rows));
            codes.add((NDArray) packed[0]);
            scales.add((NDArray) packed[1]);
        }

        @Override
        public PackedValues finish() {
            return new Int8Values(StoredCodes.joined(owner, codes), StoredCodes.joined(owner, scales), multiplied);
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

    @Override
    public NDArray outputs(Kernels kernels, NDArray x, @Nullable NDArray b, Precision wanted) {
        return multiplied && Int8Products.fit(x, shape().get(1), wanted)
                ? Int8Products.of(kernels.scope()).outputs(x, codes, scales, b)
                : PackedValues.super.outputs(kernels, x, b, wanted);
    }

    @Override
    public NDArray inputGradient(Kernels kernels, NDArray g, @Nullable NDArray other, Precision wanted) {
        return multiplied && Int8Products.fit(g, shape().get(0), wanted)
                ? Int8Products.of(kernels.scope()).inputGradient(g, codes, scales, other)
                : PackedValues.super.inputGradient(kernels, g, other, wanted);
    }

    /** Why codes cannot be multiplied on a device, or null if they can. */
    public static @Nullable String productsMissing(Device device) {
        return Int8Products.missing(device);
    }
}
