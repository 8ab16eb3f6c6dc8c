package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The choice is made once per process, so what follows from it is looked at in one of its own. */
class OneDnnMatrixTest {

    /** Begins the program's own lines, among those of a log. */
    private static final String SAID = "> ";

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

    private static List<String> output(String choice) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-D" + ProductChoice.PROPERTY + "=" + choice,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return text.lines()
                .filter(line -> line.startsWith(SAID))
                .map(line -> line.substring(SAID.length()))
                .toList();
    }

    /** Prints what products with a weight come to while its values change. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            try (Scope scope = Scope.open(Device.cpu())) {
                Kernels k = scope.kernels();
                Weight weight = new Weight("w", matrix(scope, 1, 2, 3, 4), Precision.FLOAT32, scope, false);
                print("frozen", scope, weight);
                weight.replace(matrix(scope, 1, 1, 1, 1));
                print("replaced", scope, weight);
                weight.assign(matrix(scope, 2, 3, 3, 3));
                print("assigned", scope, weight);
                NDArray old = weight.swap(matrix(scope, 1, 0, 0, 1));
                print("swapped", scope, weight);
                weight.restore(old);
                print("restored", scope, weight);
                weight.setTrainable(true);
                print("trainable", scope, weight);
                NDArray half = k.cast(weight.array(), Precision.BFLOAT16);
                print("bfloat16", scope, new Weight("w", half, Precision.BFLOAT16, scope, false));
                print("vector", scope, new Weight("w", scope.floats(new float[2], 2), Precision.FLOAT32, scope, false));
            }
        }

        private static NDArray matrix(Scope scope, float... values) {
            return scope.floats(values, 2, 2);
        }

        private static void print(String what, Scope scope, Weight weight) {
            OneDnnMatrix sorted = weight.inProductOrder();
            if (sorted == null) {
                System.out.println(SAID + what + " none");
                return;
            }
            try (NDArray x = scope.floats(new float[] {1, 1}, 1, 2);
                    NDArray y = sorted.linear(scope, x, null)) {
                System.out.println(SAID + what + " " + List.of(y.toFloatArray()[0], y.toFloatArray()[1]));
            }
        }
    }
}
