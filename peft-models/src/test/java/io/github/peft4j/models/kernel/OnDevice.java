package io.github.peft4j.models.kernel;

import ai.djl.Device;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of kernels share: a scope on a device for each test. */
public abstract class OnDevice {

    private final Device device;
    public Scope scope;
    public Kernels k;
    public AttentionKernels attention;

    public OnDevice(Device device) {
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
