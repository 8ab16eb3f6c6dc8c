package io.github.peft4j.models.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.github.peft4j.models.kernel.internal.OptimizerKernelsContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contracts of this package once more, on a GPU. */
@Tag("gpu")
class GpuTest {

    @BeforeAll
    static void needsAGpu() {
        assumeTrue(isUsable(), "the engine finds no GPU that it can compute on");
    }

    private static boolean isUsable() {
        try (Scope scope = Scope.open(Device.gpu())) {
            return scope.device().isGpu();
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Nested
    class KernelPairs extends KernelPairContract {
        KernelPairs() {
            super(Device.gpu());
        }
    }

    @Nested
    class Operations extends KernelsContract {
        Operations() {
            super(Device.gpu());
        }
    }

    @Nested
    class Attention extends AttentionKernelsContract {
        Attention() {
            super(Device.gpu());
        }
    }

    @Nested
    class Optimizer extends OptimizerKernelsContract {
        Optimizer() {
            super(Device.gpu());
        }
    }

    @Nested
    class Mapping extends MappedArrayContract {
        Mapping() {
            super(Device.gpu());
        }
    }
}
