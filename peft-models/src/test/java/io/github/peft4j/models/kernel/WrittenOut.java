package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.AutogradNode;
import io.github.peft4j.models.kernel.internal.KernelLibrary;
import io.github.peft4j.models.kernel.internal.ScriptArchive;
import io.github.peft4j.models.kernel.internal.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Kernels written out in elementary operators, and their gradients by torch's autograd in an {@link AutogradNode}. */
final class WrittenOut {

    private static final Map<Device, KernelLibrary> LIBRARIES = new ConcurrentHashMap<>();

    private WrittenOut() {}

    /** The output, then the gradients of the pair's inputs. */
    static List<NDArray> outputAndGradients(Scope scope, KernelPair pair, NDArray gradient) {
        KernelLibrary library = LIBRARIES.computeIfAbsent(
                scope.device(),
                device -> KernelLibrary.compile(
                        device, "WrittenOut", ScriptArchive.source(WrittenOut.class, "/kernel/written-out.py")));
        List<Activation> inputs =
                Arrays.stream(pair.inputs()).map(Activation::variable).toList();
        List<NDArray> results = new ArrayList<>();
        try (Tape tape = new Tape()) {
            Activation output = AutogradNode.run(scope, tape, inputs, List.of(), arrays -> {
                List<Object> arguments = new ArrayList<>(Arrays.asList((Object[]) arrays));
                arguments.addAll(Arrays.asList(pair.rest()));
                return (NDArray) library.callDifferentiable(scope, pair.writtenOut(), arguments.toArray());
            });
            results.add(output.array());
            output.accumulateShared(gradient, scope.kernels());
            tape.backward();
        }
        inputs.forEach(input -> results.add(input.takeGradient()));
        return results;
    }
}
