package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice is made once per process, so what follows from it is looked at in one of its own. */
class OneDnnMatrixTest {

    @TempDir
    private Path work;

    @Test
    void isMadeWhereItIsChosenAndForgottenWhenTheWeightChanges() throws Exception {
        Assumptions.assumeTrue(
                KernelLibrary.forDevice(Device.cpu()).hasOneDnn(), "this build of libtorch has no oneDNN");
        assertThat(output("packed"))
                .containsExactly(
                        "frozen [3.0, 7.0]",
                        "replaced [2.0, 2.0]",
                        "assigned [5.0, 6.0]",
                        "swapped [1.0, 1.0]",
                        "restored [5.0, 6.0]",
                        "trainable none",
                        "bfloat16 none",
                        "vector none");
    }

    @Test
    void isNotMadeOtherwise() throws Exception {
        assertThat(output("onednn")).allMatch(line -> line.endsWith(" none")).hasSize(8);
    }

    private List<String> output(String choice) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path said = work.resolve("said");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-D" + ProductChoice.PROPERTY + "=" + choice,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        said.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
        return Files.readAllLines(said);
    }

    /** Writes down what products with a weight come to while its values change. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            List<String> said = new ArrayList<>();
            try (Scope scope = Scope.open(Device.cpu())) {
                Kernels k = scope.kernels();
                Weight weight = new Weight("w", matrix(scope, 1, 2, 3, 4), Precision.FLOAT32, scope, false);
                said.add(line("frozen", scope, weight));
                weight.replace(matrix(scope, 1, 1, 1, 1));
                said.add(line("replaced", scope, weight));
                weight.assign(matrix(scope, 2, 3, 3, 3));
                said.add(line("assigned", scope, weight));
                NDArray old = weight.swap(matrix(scope, 1, 0, 0, 1));
                said.add(line("swapped", scope, weight));
                weight.restore(old);
                said.add(line("restored", scope, weight));
                weight.setTrainable(true);
                said.add(line("trainable", scope, weight));
                NDArray half = k.cast(weight.array(), Precision.BFLOAT16);
                said.add(line("bfloat16", scope, new Weight("w", half, Precision.BFLOAT16, scope, false)));
                said.add(line(
                        "vector",
                        scope,
                        new Weight("w", scope.floats(new float[2], 2), Precision.FLOAT32, scope, false)));
            }
            Files.write(Path.of(arguments[0]), said);
        }

        private static NDArray matrix(Scope scope, float... values) {
            return scope.floats(values, 2, 2);
        }

        private static String line(String what, Scope scope, Weight weight) {
            if (weight.inProductOrder() == null) {
                return what + " none";
            }
            try (Forward context = Forward.inference(scope);
                    Activation x = Activation.constant(scope.floats(new float[] {1, 1}, 1, 2));
                    Activation y = Linear.of(weight, null).forward(context, x)) {
                return what + " " + Arrays.toString(y.array().toFloatArray());
            }
        }
    }
}
