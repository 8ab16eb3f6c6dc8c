package io.github.peft4j.models.kernel;

import ai.djl.Device;

class MappedArrayTest extends MappedArrayContract {

    MappedArrayTest() {
        super(Device.cpu());
    }
}
