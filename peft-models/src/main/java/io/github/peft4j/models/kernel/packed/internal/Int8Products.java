package io.github.peft4j.models.kernel.packed.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Products of whole numbers, written in {@code products-int8.py}: y = x W^T + b and dx = g W for W = codes times a scale of each row, where x and
 * g are rounded to codes with a scale of each row as well. Sums of codes are exact; they become numbers of x's format once.
 *
 * <p>A row of x or g that has a NaN or an infinity yields a row of NaN.
 *
 * @see <a href="https://arxiv.org/abs/2304.13013">Wortsman et al. 2023, SwitchBack</a>
 */
final class Int8Products {

    /** Products of fewer rows cost what reading the weight does, and keep the exact x. */
    static final long FEWEST_ROWS = 16;

    /** From this many summands on a sum of products of codes may leave an int32. */
    private static final long MOST_SUMMANDS = Integer.MAX_VALUE / (127 * 127);

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    private static final boolean HAS_INSTRUCTIONS = hasInstructions(PROCESSOR);

    private final ScopedKernels kernels;

    private Int8Products(ScopedKernels kernels) {
        this.kernels = kernels;
    }

    /** Operations with results owned by a scope. */
    static Int8Products of(Scope scope) {
        return new Int8Products(ScopedKernels.of(scope, Int8Products.class, "products-int8.py"));
    }

    /** Why there are none on a device, and what to do; or null if there are. */
    static @Nullable String missing(Device device) {
        if (device.isGpu()) {
            return "8-bit products are for the CPU, found device " + device + ": leave them out, or compute on the CPU";
        }
        return HAS_INSTRUCTIONS
                ? null
                : "8-bit products need a processor with AVX-512 VNNI instructions under Linux, which " + PROCESSOR
                        + " does not name: leave them out";
    }

    /** Whether a processor's description names the instructions without which the engine multiplies one number at a time. */
    static boolean hasInstructions(Path description) {
        try (Stream<String> lines = Files.lines(description)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Arrays.asList(line.split("\\s+")).contains("avx512_vnni"))
                    .orElse(false);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether products of x [N, K] with a matrix of K summands are made so. */
    static boolean fit(NDArray x, long summands, Precision format) {
        return x.getShape().get(0) >= FEWEST_ROWS && summands <= MOST_SUMMANDS && format != Precision.FLOAT16;
    }

    /** x W^T + b [N, out] for x [N, in], codes [out, in], scales [out, 1] and b [out] or none. */
    NDArray outputs(NDArray x, NDArray codes, NDArray scales, @Nullable NDArray b) {
        return kernels.array("outputs", x, codes, scales, b);
    }

    /** g W [N, in] for g [N, out], plus {@code other} of that shape if present. */
    NDArray inputGradient(NDArray g, NDArray codes, NDArray scales, @Nullable NDArray other) {
        return kernels.array("input_gradient", g, codes, scales, other);
    }
}
