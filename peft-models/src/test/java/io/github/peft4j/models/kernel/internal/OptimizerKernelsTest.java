package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;

class OptimizerKernelsTest extends OptimizerKernelsContract {

    OptimizerKernelsTest() {
        super(Device.cpu());
    }
}
