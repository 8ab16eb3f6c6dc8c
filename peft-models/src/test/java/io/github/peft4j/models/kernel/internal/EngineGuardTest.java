package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.passthrough.PassthroughNDArray;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.github.peft4j.models.kernel.OnDevice;
import io.github.peft4j.models.kernel.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A guard that lets something through does not fail these tests: it ends the process that runs them. */
class EngineGuardTest extends OnDevice {

    EngineGuardTest() {
        super(Device.cpu());
    }

    private NDArray bfloat16() {
        return k.cast(scope.floats(new float[] {1, 2, 3, 4}, 2, 2), Precision.BFLOAT16);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT32", "FLOAT64", "FLOAT16", "UINT8", "INT32", "INT8", "INT64", "BOOLEAN"})
    void typesThatTheEngineKnowsPass(DataType type) {
        EngineGuard.require(type, "create");
        NDArray array = scope.longs(0).getManager().zeros(new Shape(2), type);
        assertThat(EngineGuard.require(array, "read")).isSameAs(array);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FLOAT32", "FLOAT64", "FLOAT16", "UINT8", "INT32", "INT8", "INT64", "BOOLEAN"})
    void typesThatEndTheProcessDoNot(DataType type) {
        assertThatThrownBy(() -> EngineGuard.require(type, "create"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("create does not support " + type + ": the engine handles [")
                .hasMessageEndingWith("there; bfloat16 arrays are made by Scope.mapped or Kernels.cast");
    }

    @Test
    void anArrayOfBfloat16IsNamedAsSuch() {
        assertThatThrownBy(() -> EngineGuard.require(bfloat16(), "softmax"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "softmax does not support an array of bfloat16 (or another type that the engine cannot name): ")
                .hasMessageEndingWith("Convert it by Kernels.cast first");
        NDArray text = scope.longs(0).getManager().create(new String[] {"a"});
        assertThatThrownBy(() -> EngineGuard.require(text, "softmax"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("softmax does not support an array of string: ");
    }

    /** DJL's own methods that end the process on a bfloat16 array as the engine makes it. */
    static Map<String, Consumer<NDArray>> deadly() {
        Map<String, Consumer<NDArray>> calls = new LinkedHashMap<>();
        calls.put("softmax", x -> x.softmax(-1));
        calls.put("logSoftmax", x -> x.logSoftmax(-1));
        calls.put("zerosLike", NDArray::zerosLike);
        calls.put("onesLike", NDArray::onesLike);
        calls.put("toDevice", x -> x.toDevice(Device.cpu(), true));
        calls.put("toType", x -> x.toType(DataType.UNKNOWN, true));
        calls.put("cumProd", x -> x.cumProd(0, DataType.BFLOAT16));
        return calls;
    }

    static List<String> deadlyNames() {
        return List.copyOf(deadly().keySet());
    }

    @ParameterizedTest
    @MethodSource("deadlyNames")
    void djlsDeadlyMethodsThrowOnOurArrays(String name) {
        Consumer<NDArray> call = deadly().get(name);
        NDArray x = bfloat16();
        List<Supplier<NDArray>> ways = List.of(
                () -> x,
                () -> k.alias(x),
                () -> k.add(x, x),
                () -> k.reshape(x, 4),
                () -> k.swiGlu(x, x),
                () -> k.swiGluGradient(x, x, x)[1],
                () -> scope.zeros(Precision.BFLOAT16, 2, 2),
                () -> scope.mapped(java.nio.ByteBuffer.allocateDirect(8), Precision.BFLOAT16, 2, 2));
        for (Supplier<NDArray> way : ways) {
            NDArray array = way.get();
            assertThatThrownBy(() -> call.accept(array))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(name + " does not support ");
        }
    }

    @Test
    void whatIsHarmlessWorksAsBefore() {
        NDArray half = bfloat16();
        assertThat(half.toDevice(Device.cpu(), false)).isSameAs(half);
        assertThat(half.toType(DataType.UNKNOWN, false)).isSameAs(half);
        assertThat(half.toType(DataType.FLOAT32, false).toFloatArray()).containsExactly(1, 2, 3, 4);
        assertThat(half.cumProd(0).toType(DataType.FLOAT32, true).toFloatArray())
                .containsExactly(1, 2, 3, 8);
        NDArray full = k.copy(scope.floats(new float[] {0, 0}, 2));
        assertThat(full.softmax(0).toFloatArray()).containsExactly(0.5f, 0.5f);
        assertThat(full.logSoftmax(0).exp().toFloatArray()).containsExactly(0.5f, 0.5f);
        assertThat(full.zerosLike().toFloatArray()).containsExactly(0, 0);
        assertThat(full.onesLike().toFloatArray()).containsExactly(1, 1);
        assertThat(full.toDevice(Device.cpu(), true)).isNotSameAs(full);
        assertThat(full.toType(DataType.INT64, true).toLongArray()).containsExactly(0, 0);
        assertThat(full.cumProd(0, DataType.FLOAT64).getDataType()).isEqualTo(DataType.FLOAT64);
    }

    /** The way by which DJL's trainer takes a model's parameters. */
    @Test
    void djlsParameterStoreThrowsOnOurArrays() {
        NDArray array = bfloat16();
        Parameter parameter = Parameter.builder()
                .setName("w")
                .setType(Parameter.Type.OTHER)
                .optRequiresGrad(false)
                .build();
        parameter.setArray(array);
        ParameterStore copies = new ParameterStore(array.getManager(), true);
        assertThatThrownBy(() -> copies.getValue(parameter, Device.cpu(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("toDevice does not support an array of bfloat16");
        ParameterStore own = new ParameterStore(array.getManager(), false);
        assertThat(own.getValue(parameter, Device.cpu(), true)).isSameAs(array);
    }

    @Test
    void valuesOfBfloat16CanBePrinted() {
        NDArray half = bfloat16();
        assertThat(half.toString()).startsWith("bfloat16, as ").contains("3.").contains("float32");
        half.close();
        assertThat(half.toString()).isEqualTo("This array is already closed");
        assertThat(k.copy(scope.floats(new float[] {7}, 1)).toString()).contains("7.");
    }

    /** DJL's own reading is refused by DJL; ours converts. */
    @Test
    void valuesOfBfloat16AreReadByKernels() {
        NDArray half = bfloat16();
        assertThatThrownBy(half::toFloatArray).isInstanceOf(IllegalStateException.class);
        assertThat(k.toFloats(half)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void arraysOfTextEndInAnException() {
        NDArray text = scope.longs(0).getManager().create(new String[] {"a", "b"});
        NDArray x = scope.floats(new float[] {1, 2}, 2);
        assertThatThrownBy(() -> k.copy(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("kernel copy, argument 0: an array of text cannot be computed with: expected numbers");
        assertThatThrownBy(() -> k.add(x, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an array of text cannot be computed with: expected numbers");
        assertThatThrownBy(() -> k.addInto(text, x)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.alias(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> scope.alias(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.concat(List.of(x, text), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.precision(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.toFloats(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.toLongs(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.linear(text, x, null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void arraysOfAnotherEngineEndInAnException() {
        NDArray foreign = new PassthroughNDArray(PassthroughNDManager.INSTANCE, "not a tensor");
        assertThatThrownBy(() -> k.add(foreign, foreign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an array of the PyTorch engine, got a PassthroughNDArray");
        assertThatThrownBy(() -> k.copy(foreign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got PassthroughNDArray");
        assertThatThrownBy(() -> scope.alias(foreign)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Kernels given arrays [3, 4] of a type that models do not compute in; those that have a use for some of them are left out. */
    private Map<String, Consumer<NDArray>> pointless() {
        NDArray w = scope.floats(new float[4], 4);
        NDArray matrix = scope.floats(new float[20], 5, 4);
        Map<String, Consumer<NDArray>> calls = new LinkedHashMap<>();
        calls.put("linear", x -> k.linear(x, matrix, null));
        calls.put("linear weight", x -> k.linear(scope.floats(new float[8], 2, 4), x, null));
        calls.put("linearAdd", x -> k.linearAdd(x, matrix, scope.floats(new float[15], 3, 5)));
        calls.put("linearGradient", x -> k.linearGradient(x, scope.floats(new float[8], 4, 2), null));
        calls.put("rmsNorm", x -> NormKernels.of(scope).rmsNorm(x, w, 1e-5));
        calls.put("layerNorm", x -> NormKernels.of(scope).layerNorm(x, w, w, 1e-5));
        calls.put("attention", x -> {
            NDArray heads = k.reshape(x, 3, 2, 2);
            Attending how = new Attending(1, 0, null, false, new LongRows(99, 1, 99));
            NDArray mask = attention.mask(x, 3, 0, true, 0, 2, 1, null, Precision.FLOAT32);
            attention.attend(heads, heads, heads, null, null, new int[] {3}, List.of(mask), how);
        });
        calls.put("rotary", x -> attention.rotary(k.reshape(x, 3, 2, 2), k.reshape(x, 3, 2, 2), matrix));
        calls.put("targets", x -> k.crossEntropyInto(scope.floats(new float[24], 12, 2), k.reshape(x, 12), 1));
        calls.put("scaleInto", x -> k.scaleInto(x, 0.5));
        return calls;
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"UINT8", "INT32", "INT8", "INT64", "BOOLEAN"})
    void otherTypesEndInAnExceptionOrAResult(DataType type) {
        NDManager manager = scope.longs(0).getManager();
        NDArray x = manager.ones(new Shape(3, 4), type);
        pointless().forEach((name, call) -> {
            if (name.equals("targets") && type == DataType.INT64) {
                call.accept(x);
            } else {
                assertThatThrownBy(() -> call.accept(x))
                        .as(name)
                        .isInstanceOfAny(EngineException.class, IllegalArgumentException.class);
            }
        });
        // Added to a product they are a result by torch's routine and an exception by oneDNN's.
        assertThat(catchThrowable(
                        () -> k.linearAdd(scope.floats(new float[6], 3, 2), scope.floats(new float[8], 4, 2), x)))
                .satisfiesAnyOf(
                        thrown -> assertThat(thrown).isNull(),
                        thrown -> assertThat(thrown).isInstanceOf(EngineException.class));
        assertThatThrownBy(() -> k.precision(x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "an array of engine dtype \\d+ cannot be computed with: expected float32, bfloat16 or float16");
        assertThat(k.toFloats(x)).hasSize(12).containsOnly(1);
        assertThat(k.toFloats(k.add(x, x))).hasSize(12);
        assertThat(k.toFloats(k.narrow(x, 0, 1, 1))).hasSize(4);
    }
}
