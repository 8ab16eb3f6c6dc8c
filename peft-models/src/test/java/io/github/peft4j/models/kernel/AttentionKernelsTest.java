package io.github.peft4j.models.kernel;

import ai.djl.Device;

class AttentionKernelsTest extends AttentionKernelsContract {

    AttentionKernelsTest() {
        super(Device.cpu());
    }
}
