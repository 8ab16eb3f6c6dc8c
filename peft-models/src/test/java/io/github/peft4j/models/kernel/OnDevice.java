package io.github.peft4j.models.kernel;

import ai.djl.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of kernels share: a scope on a device for each test. */
abstract class OnDevice {

    private final Device device;
    Scope scope;
    Kernels k;
    AttentionKernels attention;

    OnDevice(Device device) {
        this.device = device;
    }

    @BeforeEach
    void open() {
        scope = openScope(device);
        k = scope.kernels();
        attention = AttentionKernels.of(scope);
    }

    Scope openScope(Device on) {
        return Scope.open(on);
    }

    @AfterEach
    void close() {
        scope.close();
    }
}
