package io.github.peft4j.benchmarks;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Unpacking one of Llama-2-7B's matrices, 4096 by 4096. */
public class Unpacking extends KernelBenchmark {

    private static final int SIZE = 4096;

    /** How it is packed. */
    @Param({"nf4", "int8"})
    public String codes = "";

    private @Nullable PackedValues packed;

    /** Packs the matrix. */
    @Setup
    public void make() {
        Quantization.Packer packer = Quantization.of(codes).packer(work.scope());
        try (NDArray matrix = work.random("float32", SIZE, SIZE)) {
            packer.add(matrix);
        }
        packed = packer.finish();
    }

    /** All values in the format of computations. */
    @Benchmark
    public void unpack() {
        Objects.requireNonNull(packed)
                .unpack(work.kernels(), Precision.of(dtype))
                .close();
    }
}
