package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every pair of kernels on any device; subclasses name the device. */
abstract class KernelPairContract extends OnDevice {

    KernelPairContract(Device device) {
        super(device);
    }

    static Stream<Arguments> familiesAndSeeds() {
        return cases(12);
    }

    static Stream<Arguments> familiesAndFewSeeds() {
        return cases(3);
    }

    private static Stream<Arguments> cases(int seeds) {
        return Arrays.stream(KernelFamily.values())
                .flatMap(family -> IntStream.range(0, seeds).mapToObj(seed -> Arguments.of(family, seed)));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("familiesAndFewSeeds")
    void gradientsAreThoseOfFiniteDifferences(KernelFamily family, int seed) {
        Draw draw = new Draw(scope, seed);
        KernelPair pair = family.draw(draw);
        float[][] projections = projections(draw, pair.outputs());
        NDArray[] gradients = backward(pair, projections);
        for (int i = 0; i < gradients.length; i++) {
            float[] gradient = k.toFloats(gradients[i]);
            int[] places = FiniteDifferences.places(gradient.length);
            float[] tried = new float[places.length];
            for (int j = 0; j < tried.length; j++) {
                tried[j] = gradient[places[j]];
            }
            Closeness.assertClose(
                    tried,
                    FiniteDifferences.gradient(scope, pair, i, places, projections),
                    3e-3,
                    "gradient of input " + i);
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("familiesAndSeeds")
    void valuesAndGradientsAreThoseOfTheWrittenOutFormUnderAutograd(KernelFamily family, int seed) {
        Draw draw = new Draw(scope, seed);
        KernelPair pair = family.draw(draw);
        NDArray[] outputs = pair.outputs();
        float[][] projections = projections(draw, outputs);
        NDArray[] gradients = backward(pair, projections);
        float[] stacked = concat(projections);
        long[] shape = outputs[0].getShape().getShape();
        if (outputs.length > 1) {
            shape = IntStream.range(0, shape.length + 1)
                    .mapToLong(
                            i -> i == 0 ? outputs.length : outputs[0].getShape().get(i - 1))
                    .toArray();
        }
        List<NDArray> expected = WrittenOut.outputAndGradients(scope, pair, scope.floats(stacked, shape));
        Closeness.assertClose(concat(floats(outputs)), k.toFloats(expected.get(0)), 1e-5, "output");
        for (int i = 0; i < gradients.length; i++) {
            assertThat(gradients[i].getShape()).isEqualTo(pair.inputs()[i].getShape());
            Closeness.assertClose(
                    k.toFloats(gradients[i]), k.toFloats(expected.get(i + 1)), 1e-5, "gradient of input " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(KernelFamily.class)
    void bfloat16EqualsFloat32WithinRounding(KernelFamily family) {
        sixteenBits(family, Precision.BFLOAT16, 4e-2);
    }

    @ParameterizedTest
    @EnumSource(KernelFamily.class)
    void float16EqualsFloat32WithinRounding(KernelFamily family) {
        sixteenBits(family, Precision.FLOAT16, 5e-3);
    }

    /** The same rounded values in both formats: what differs is the rounding of results and of steps in between. */
    private void sixteenBits(KernelFamily family, Precision precision, double tolerance) {
        for (int seed = 0; seed < 6; seed++) {
            Draw exact = new Draw(scope, seed, precision, Precision.FLOAT32);
            Draw rounded = new Draw(scope, seed, precision, precision);
            KernelPair full = family.draw(exact);
            KernelPair half = family.draw(rounded);
            NDArray[] outputs = half.outputs();
            Closeness.assertClose(concat(floats(outputs)), concat(floats(full.outputs())), tolerance, "output");
            NDArray[] g = Arrays.stream(full.outputs())
                    .map(output -> rounded.normal(output.getShape().getShape()))
                    .toArray(NDArray[]::new);
            NDArray[] wide =
                    Arrays.stream(g).map(a -> k.cast(a, Precision.FLOAT32)).toArray(NDArray[]::new);
            NDArray[] actual = half.backward().apply(g, half.inputs());
            NDArray[] expected = full.backward().apply(wide, full.inputs());
            for (int i = 0; i < actual.length; i++) {
                Closeness.assertClose(
                        k.toFloats(actual[i]), k.toFloats(expected[i]), tolerance, "gradient " + i + ", seed " + seed);
            }
            if (family != KernelFamily.CROSS_ENTROPY) {
                assertThat(outputs).allSatisfy(y -> assertThat(k.precision(y)).isEqualTo(precision));
            }
            assertThat(k.precision(actual[0])).isIn(precision, Precision.FLOAT32);
        }
    }

    private float[][] projections(Draw draw, NDArray[] outputs) {
        return Arrays.stream(outputs)
                .map(y -> draw.floats((int) y.getShape().size()))
                .toArray(float[][]::new);
    }

    private NDArray[] backward(KernelPair pair, float[][] projections) {
        NDArray[] outputs = pair.outputs();
        NDArray[] g = IntStream.range(0, outputs.length)
                .mapToObj(
                        i -> scope.floats(projections[i], outputs[i].getShape().getShape()))
                .toArray(NDArray[]::new);
        return pair.backward().apply(g, pair.inputs());
    }

    private float[][] floats(NDArray[] arrays) {
        return Arrays.stream(arrays).map(k::toFloats).toArray(float[][]::new);
    }

    private static float[] concat(float[][] parts) {
        float[] all = new float[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
