package io.github.peft4j.models.kernel;

import ai.djl.Device;
import io.github.peft4j.models.kernel.internal.KernelLibrary;

/** The sources that GPUs, and builds without oneDNN, compute with: they run on the CPU as well. */
class PlainKernelPairTest extends KernelPairContract {

    private static final KernelLibrary PLAIN = KernelLibrary.load(Device.cpu(), "plain");

    PlainKernelPairTest() {
        super(Device.cpu());
    }

    @Override
    Scope openScope(Device on) {
        return Scope.open(on, PLAIN);
    }
}
