package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptBridge;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Draw;
import io.github.peft4j.models.kernel.OnDevice;
import io.github.peft4j.models.kernel.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelLibraryTest extends OnDevice {

    private static final String SOURCE = """
              def all(self: __torch__.Sample, x: Tensor, xs: List[Tensor], n: int, f: float, b: bool, s: str, ns: List[int], o: Optional[Tensor]) -> Tuple[Tensor, List[Tensor], int, float, bool, str, Optional[Tensor], Tuple[int, Tensor]]:
                return (x, xs, n + torch.len(ns), f, b, s, o, (ns[0], x))
              def numbers(self: __torch__.Sample, ns: List[int]) -> List[int]:
                return ns
              def half_then_numbers(self: __torch__.Sample, x: Tensor) -> Tuple[Tensor, List[int], Tensor]:
                return (x, [1], x)
              def count(self: __torch__.Sample, xs: List[Tensor]) -> int:
                return torch.len(xs)
              def square(self: __torch__.Sample, x: Tensor) -> Tensor:
                return torch.mul(x, x)
              def fail(self: __torch__.Sample, x: Tensor) -> Tensor:
                ops.prim.RaiseException("on purpose")
                return x
            """;
    private static KernelLibrary library;

    KernelLibraryTest() {
        super(Device.cpu());
    }

    @BeforeAll
    static void compile() {
        library = KernelLibrary.compile(Device.cpu(), "Sample", SOURCE);
    }

    @Test
    void everyKindOfArgumentGoesInAndEveryKindOfResultComesOut() {
        NDArray x = scope.floats(new float[] {1, 2}, 2);
        Object[] result =
                (Object[]) library.call(scope, "all", x, List.of(x, x), 3, 0.25f, true, "text", new int[] {7, 8}, null);
        assertThat(result).hasSize(8);
        assertThat(k.toFloats((NDArray) result[0])).containsExactly(1, 2);
        assertThat((NDArray[]) result[1]).hasSize(2);
        assertThat(result[2]).isEqualTo(5L);
        assertThat(result[3]).isEqualTo(0.25);
        assertThat(result[4]).isEqualTo(true);
        assertThat(result[5]).isEqualTo("text");
        assertThat(result[6]).isNull();
        assertThat((Object[]) result[7]).startsWith(7L);
        Object[] other = (Object[])
                library.call(scope, "all", x, new NDArray[] {x}, 3L, 0.5, false, "", new long[] {1L << 40}, x);
        assertThat((NDArray[]) other[1]).hasSize(1);
        assertThat(other[6]).isInstanceOf(NDArray.class);
        assertThat((Object[]) other[7]).startsWith(1L << 40);
    }

    @Test
    void listsMayBeEmpty() {
        assertThat(library.call(scope, "count", List.of())).isEqualTo(0L);
        assertThat(library.call(scope, "count", (Object) new NDArray[0])).isEqualTo(0L);
        assertThat(library.call(scope, "count", List.of(scope.longs(1)))).isEqualTo(1L);
    }

    @Test
    void argumentsOfOtherKindsAreRefused() {
        assertThatThrownBy(() -> library.call(scope, "square", (byte) 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "kernel square, argument 0: a script takes arrays of the PyTorch engine, lists of them, long, int,"
                                + " double, float, boolean, String, long[], int[] or null, got Byte");
        assertThatThrownBy(() -> library.call(scope, "count", List.of(scope.longs(1), "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got String");
        assertThatThrownBy(() -> library.call(scope, "count", Arrays.asList(scope.longs(1), null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got a list with null in it");
    }

    @Test
    void resultsOfOtherKindsAreRefusedAndNothingIsLeftBehind() {
        assertThatThrownBy(() -> library.call(scope, "numbers", new long[] {1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a kernel returned int[]: expected a tensor, a list of tensors, a tuple, int, float, bool, str or"
                                + " None");
        assertThatThrownBy(() -> library.call(scope, "half_then_numbers", scope.longs(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theEngineSaysWhatIsWrongWithACall() {
        NDArray x = scope.floats(new float[] {1, 2}, 2);
        assertThatThrownBy(() -> library.call(scope, "fail", x))
                .isInstanceOf(EngineException.class)
                .hasMessage("kernel fail(float32 (2)) failed: on purpose");
        assertThatThrownBy(() -> library.call(scope, "nosuch", x))
                .isInstanceOf(EngineException.class)
                .hasMessage("kernel nosuch(float32 (2)) failed: Method 'nosuch' is not defined.");
        assertThatThrownBy(() -> library.call(scope, "square", 1))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(
                        "kernel square(1) failed: square() Expected a value of type 'Tensor' for argument 'x' but instead found"
                                + " type 'int'.");
        assertThatThrownBy(() -> library.call(scope, "square"))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("kernel square() failed: square() is missing value for argument 'x'.");
        assertThatThrownBy(() -> library.call(scope, "count", List.of(x), new long[] {3}, x))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("kernel count(1 arrays, [3], float32 (2)) failed: ");
    }

    @Test
    void aSourceThatDoesNotCompileGetsTheEnginesReason() {
        String method = "  def f(self: __torch__.Bad, x: Tensor) -> Tensor:\n";
        assertThatThrownBy(() -> KernelLibrary.compile(Device.cpu(), "Bad", method + "    return torch.nosuch(x)\n"))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("kernels Bad do not compile: Unknown builtin op: aten::nosuch.");
        assertThatThrownBy(() -> KernelLibrary.compile(Device.cpu(), "Bad", method + "    return x +\n"))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("kernels Bad do not compile: ");
        assertThatThrownBy(() -> KernelLibrary.compile(Device.cpu(), "Bad", method + "    return y\n"))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("undefined value y");
        assertThatThrownBy(() -> KernelLibrary.compile(Device.cpu(), "Bad", "no kernel"))
                .isInstanceOf(EngineException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "Ünicode", "9lives", "A\nB", "A.B"})
    void aClassNameIsAnIdentifier(String name) {
        assertThatThrownBy(() -> KernelLibrary.compile(Device.cpu(), name, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a kernel class is named by letters, digits and underscores, got \"" + name + "\"");
    }

    @Test
    void aMissingSourceIsNamed() {
        assertThatThrownBy(() -> ScriptArchive.source(KernelLibrary.class, "nosuch.py"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no kernel source nosuch.py beside io.github.peft4j.models.kernel.internal.KernelLibrary");
    }

    @Test
    void closedArraysAndScopesAreRefused() {
        NDArray x = scope.floats(new float[] {1}, 1);
        NDArray closed = scope.floats(new float[] {1}, 1);
        closed.close();
        assertThatThrownBy(() -> library.call(scope, "square", closed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("kernel square, argument 0: Native resource has been released already.");
        assertThatThrownBy(() -> k.add(x, closed)).isInstanceOf(IllegalStateException.class);
        Scope child = scope.child();
        child.close();
        assertThatThrownBy(() -> library.call(child, "square", x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scope that is to own the result of square is closed already");
        assertThatThrownBy(() -> child.kernels().add(x, x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scope that is to own the result of add is closed already");
    }

    /** Kernels by a script, and those that the engine is called for directly. */
    static List<Consumer<Scope>> calls() {
        return List.of(
                s -> s.kernels().add(s.floats(new float[1], 1), s.floats(new float[1], 1)),
                s -> s.kernels().addInto(s.floats(new float[1], 1), s.floats(new float[1], 1)),
                s -> s.kernels().reshape(s.floats(new float[1], 1), 1, 1),
                s -> s.kernels().narrow(s.floats(new float[1], 1), 0, 0, 1),
                s -> s.kernels().copy(s.floats(new float[1], 1)),
                s -> s.kernels().linear(s.floats(new float[1], 1, 1), s.floats(new float[1], 1, 1), null),
                s -> OptimizerKernels.of(s).globalNorm(List.of(s.floats(new float[1], 1))),
                s -> library.call(s, "square", s.floats(new float[1], 1)));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void noKernelRunsWhileTorchRecordsGradients(Consumer<Scope> call) {
        call.accept(scope);
        JniUtils.setGradMode(true);
        try {
            assertThatThrownBy(() -> call.accept(scope))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageMatching(
                            "kernel \\w+ was called with torch's gradient mode on, where it would lose gradients"
                                    + " silently: run it through Tape, or inside AutogradNode with differentiable operators only");
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    /** oneDNN's product says nothing and leaves a gradient of zero: what the refusal is for. */
    @Test
    void anOperatorWithoutAGradientFormulaWouldLoseItsGradientSilently() {
        KernelLibrary own = KernelLibrary.forDevice(Device.cpu());
        Assumptions.assumeTrue(own.products().float32(), "this build of libtorch has no oneDNN");
        Activation x = Activation.variable(scope.floats(new float[] {1, 2, 3, 4}, 2, 2));
        NDArray w = scope.floats(new float[] {1, 2, 3, 4}, 2, 2);
        try (Tape tape = new Tape()) {
            assertThatThrownBy(() -> AutogradNode.run(scope, tape, List.of(x), List.of(), in ->
                            (NDArray) own.call(scope, "linear", in[0], w, null, true)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("kernel linear was called with torch's gradient mode on");
            Activation y = AutogradNode.run(scope, tape, List.of(x), List.of(), in ->
                    (NDArray) own.callDifferentiable(scope, "linear", in[0], w, null, true));
            y.accumulate(scope.floats(new float[] {1, 1, 1, 1}, 2, 2), k);
            tape.backward();
        }
        assertThat(x.gradient() == null ? new float[1] : k.toFloats(x.gradient()))
                .containsOnly(0);
    }

    @Test
    void aNewThreadRecordsNoGradientsAfterItsFirstCall() throws InterruptedException {
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            boolean before = ScriptBridge.gradientMode();
            try (Scope own = Scope.open(Device.cpu())) {
                NDArray x = own.floats(new float[] {2}, 1);
                library.call(own, "square", x);
                outcome.set(before + " then " + ScriptBridge.gradientMode());
            } catch (RuntimeException e) {
                outcome.set(e);
            }
        });
        thread.start();
        thread.join();
        assertThat(outcome.get()).isEqualTo("true then false");
    }

    @Test
    void threadsWithScopesOfTheirOwnDoNotDisturbEachOther() {
        List<float[]> results = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                    try (Scope own = Scope.open(Device.cpu())) {
                        NDArray x = new Draw(own, 5).normal(7, 9);
                        for (int step = 0; step < 10; step++) {
                            x = own.kernels().linear(x, new Draw(own, step).normal(9, 9), null);
                            x = NormKernels.of(own).rmsNorm(x, new Draw(own, step).normal(9), 1e-5);
                        }
                        return own.kernels().toFloats(x);
                    }
                })
                .toList();
        assertThat(results).allSatisfy(r -> assertThat(r).isEqualTo(results.get(0)));
    }

    @Test
    void aDeviceThatTheEngineLacksIsNamed() {
        assertThatThrownBy(() -> Scope.open(Device.of("tpu", 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "PyTorch cannot compute on device tpu(0): Unsupported device: tpu(0). Use the CPU, or for a GPU see"
                                + " docs/how-to/gpu.md");
        try (Scope gpu = Scope.open(Device.gpu(7))) {
            Assumptions.abort("there is a GPU 7: " + gpu.device());
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageStartingWith("PyTorch cannot compute on device gpu(7): ");
            assertThat(e.getMessage().lines()).hasSize(1);
        }
    }

    @Test
    void aFailedCallLeavesNoArrays() {
        NDArray x = scope.floats(new float[] {1, 2}, 2);
        int before = scope.liveArrays();
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> library.call(scope, "fail", x)).isInstanceOf(EngineException.class);
        }
        assertThat(scope.liveArrays()).isEqualTo(before);
        List<NDArray> kept = new ArrayList<>();
        kept.add((NDArray) library.call(scope, "square", x));
        assertThat(scope.liveArrays()).isEqualTo(before + 1);
        assertThat(kept.get(0).getShape()).isEqualTo(new Shape(2));
    }
}
