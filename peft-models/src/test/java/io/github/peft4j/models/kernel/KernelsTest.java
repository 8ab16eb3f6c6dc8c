package io.github.peft4j.models.kernel;

import ai.djl.Device;

class KernelsTest extends KernelsContract {

    KernelsTest() {
        super(Device.cpu());
    }
}
