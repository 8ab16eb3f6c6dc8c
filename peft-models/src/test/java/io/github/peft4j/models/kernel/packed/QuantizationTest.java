package io.github.peft4j.models.kernel.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.packed.internal.Nf4Tables;
import java.net.URISyntaxException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fixture is made by tools/golden_quantization.py with bitsandbytes. */
class QuantizationTest {

    private static SafetensorsFile golden;
    private static Scope scope;

    @BeforeAll
    static void open() throws CheckpointException, URISyntaxException {
        golden = SafetensorsFile.open(
                Path.of(Objects.requireNonNull(QuantizationTest.class.getResource("/kernel/quantization.safetensors"))
                        .toURI()));
        scope = Scope.open(Device.cpu());
    }

    @AfterAll
    static void close() {
        scope.close();
        golden.close();
    }

    private static float[] values(String name) throws CheckpointException {
        FloatBuffer stored = golden.bytes(name).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    private static NDArray matrix(String name) throws CheckpointException {
        List<Long> shape = golden.info(name).shape();
        return scope.floats(values(name), shape.get(0), shape.get(1));
    }

    private static Quantization quantization(String name) {
        return switch (name) {
            case "nf4" -> new Quantization(Quantization.Kind.NF4, false);
            case "nested" -> Quantization.NF4;
            default -> Quantization.INT8;
        };
    }

    private static PackedValues packed(NDArray matrix, Quantization quantization) {
        Quantization.Packer packer = quantization.packer(scope);
        packer.add(matrix);
        return packer.finish();
    }

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({"large,nested", "odd,nf4", "odd,nested", "odd,int8", "hard,nf4", "hard,nested", "hard,int8"})
    void packsAndUnpacksAsBitsandbytesDoes(String name, String how) throws CheckpointException {
        float[] expected = values(name + "." + how);
        try (NDArray matrix = matrix(name)) {
            PackedValues packed = packed(matrix, quantization(how));
            assertThat(packed.shape()).isEqualTo(matrix.getShape());
            try (NDArray unpacked = packed.unpack(scope.kernels(), Precision.FLOAT32)) {
                float[] found = unpacked.toFloatArray();
                float[] original = matrix.toFloatArray();
                for (int i = 0; i < expected.length; i++) {
                    // bitsandbytes makes small negative numbers of a block of zeros whose scale is packed.
                    float wanted = original[i] == 0 ? 0 : expected[i];
                    assertThat(found[i]).as("value %d", i).isCloseTo(wanted, within(1e-5f * Math.abs(wanted) + 1e-7f));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"nf4", "nested", "int8"})
    void piecesGiveWhatTheWholeGives(String how) throws CheckpointException {
        try (NDArray matrix = matrix("large");
                NDArray first = scope.kernels().narrow(matrix, 0, 0, 64);
                NDArray rest = scope.kernels().narrow(matrix, 0, 64, 6)) {
            Quantization.Packer packer = quantization(how).packer(scope);
            packer.add(first);
            packer.add(rest);
            try (NDArray inPieces = packer.finish().unpack(scope.kernels(), Precision.FLOAT32);
                    NDArray whole = packed(matrix, quantization(how)).unpack(scope.kernels(), Precision.FLOAT32)) {
                assertThat(inPieces.toFloatArray()).containsExactly(whole.toFloatArray());
            }
        }
    }

    @Test
    void unpacksIntoTheFormatOfComputations() throws CheckpointException {
        Kernels k = scope.kernels();
        try (NDArray matrix = matrix("odd")) {
            PackedValues packed = packed(matrix, Quantization.NF4);
            try (NDArray half = packed.unpack(k, Precision.BFLOAT16);
                    NDArray full = packed.unpack(k, Precision.FLOAT32);
                    NDArray rounded = k.cast(full, Precision.BFLOAT16)) {
                assertThat(k.precision(half)).isEqualTo(Precision.BFLOAT16);
                assertThat(k.toFloats(half)).containsExactly(k.toFloats(rounded));
            }
        }
    }

    @Test
    void nestedScalesTakeAnEighthOfAByte() throws CheckpointException {
        try (NDArray matrix = matrix("large")) {
            assertThat(packed(matrix, Quantization.NF4).bytes()).isBetween(17920L / 2 + 280, 17920L / 2 + 600);
            assertThat(packed(matrix, Quantization.INT8).bytes()).isEqualTo(17920 + 4 * 70);
        }
    }

    @Test
    void theMapOfScalesIsThatOfBitsandbytes() throws CheckpointException {
        float[] expected = values("map");
        float[] map = Nf4Tables.dynamicMap();
        for (int i = 0; i < expected.length; i++) {
            assertThat(map[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) * 1e-6f));
        }
    }

    @Test
    void packedWeightsAreUnpackedForUseAndOtherwiseLeftAlone() throws CheckpointException {
        try (NDArray matrix = matrix("odd")) {
            Weight weight = Weight.packed("weight", packed(matrix, Quantization.NF4), Precision.BFLOAT16, scope);
            assertThat(weight.shape()).isEqualTo(new Shape(7, 50));
            assertThat(weight.size()).isEqualTo(350);
            try (NDArray values = weight.forCompute(scope.kernels())) {
                assertThat(scope.kernels().precision(values)).isEqualTo(Precision.BFLOAT16);
            }
            assertThatThrownBy(weight::array)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("weight weight is quantized: it has no values to be used, or changed, where they lie");
            assertThatThrownBy(() -> weight.setTrainable(true))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("weight weight is quantized and cannot be trained: load the model without"
                            + " quantization, or train an adapter");
        }
    }

    @Test
    void refusesANameOfNone() {
        assertThat(Quantization.of("nf4")).isEqualTo(Quantization.NF4).hasToString("nf4");
        assertThat(Quantization.of("int8")).isEqualTo(Quantization.INT8).hasToString("int8");
        assertThatThrownBy(() -> Quantization.of("fp4"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown quantization \"fp4\": expected nf4 or int8");
    }
}
