package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.LongRows;
import io.github.peft4j.models.kernel.internal.NormKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of kernels share: a scope on a device for each test. */
public abstract class OnDevice {

    /** Rows of fewer than nine tokens, all of which are seen. */
    public static final Attending SHORT = new Attending(1, 0, null, false, new LongRows(9, 4, 1000));

    private final Device device;
    public Scope scope;
    public Kernels k;
    public AttentionKernels attention;
    public NormKernels norms;

    public OnDevice(Device device) {
        this.device = device;
    }

    @BeforeEach
    void open() {
        scope = openScope(device);
        k = scope.kernels();
        attention = AttentionKernels.of(scope);
        norms = NormKernels.of(scope);
    }

    Scope openScope(Device on) {
        return Scope.open(on);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** 0, 1, 2 and so on. */
    public NDArray counted(long... shape) {
        int count = (int) new Shape(shape).size();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return scope.floats(values, shape);
    }
}
