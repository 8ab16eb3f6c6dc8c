package io.github.peft4j.models.kernel;

import ai.djl.Device;

class KernelPairTest extends KernelPairContract {

    KernelPairTest() {
        super(Device.cpu());
    }
}
