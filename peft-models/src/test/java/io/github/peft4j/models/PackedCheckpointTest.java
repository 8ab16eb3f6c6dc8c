package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.weights.internal.PackedTensors;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that transformers saved with weights packed by bitsandbytes; made by tools/golden_quantization.py. */
class PackedCheckpointTest {

    private static final String LAYER = "model.layers.0.self_attn.q_proj.";
    private static final String WEIGHT = LAYER + "weight";
    private static final String STATE = WEIGHT + ".quant_state.bitsandbytes__nf4";

    @TempDir
    private Path folder;

    private static Path packed(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(PackedCheckpointTest.class.getResource("/packed/" + name))
                .toURI());
    }

    private static Model<LanguageHead> load(Path checkpoint) throws CheckpointException {
        return Models.load(checkpoint, Device.cpu(), Precision.FLOAT32);
    }

    private static float[] logits(Model<LanguageHead> model) {
        try (Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(new int[] {3, 17, 9, 22, 5, 30})))) {
            return logits.toFloatArray();
        }
    }

    private static float[] golden(Path checkpoint) throws CheckpointException {
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve("logits.safetensors"))) {
            ByteBuffer bytes = file.bytes("logits").order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(values);
            return values;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nf4", "nested", "int8"})
    void computesWhatTheUnpackedValuesComputeInPython(String name) throws Exception {
        try (Model<LanguageHead> model = load(packed(name))) {
            assertThat(logits(model)).containsExactly(golden(packed(name)), Offset.offset(2e-6f));
            model.weightsByPath()
                    .forEach((path, weight) ->
                            assertThat(weight.packed() != null).as(path).isEqualTo(path.contains("_proj.weight")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nf4", "nested", "int8"})
    void itsTensorsHoldTheParametersOfTheModel(String name) throws Exception {
        long stored = 0;
        try (Model<LanguageHead> model = load(packed(name));
                Checkpoint checkpoint = Checkpoint.open(packed(name))) {
            for (String tensor : checkpoint.names()) {
                stored += PackedTensors.parameterCount(checkpoint, tensor);
            }
            assertThat(stored)
                    .isEqualTo(model.weightsByPath().values().stream()
                            .mapToLong(Weight::size)
                            .sum());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nf4", "nested", "int8"})
    void isWrittenAsAnOrdinaryCheckpoint(String name) throws Exception {
        try (Model<LanguageHead> model = load(packed(name))) {
            Map<String, Weight> weights = new LinkedHashMap<>(model.weightsByPath());
            PretrainedFolder.write(weights, Precision.FLOAT32, packed(name), folder.resolve("plain"));
            try (Model<LanguageHead> plain = load(folder.resolve("plain"))) {
                assertThat(logits(plain)).containsExactly(logits(model));
                assertThat(plain.weightsByPath().values()).allMatch(weight -> weight.packed() == null);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"nf4,nf4", "nested,nf4", "int8,int8"})
    void mayBeAskedForInTheFormThatItHas(String name, String how) throws Exception {
        try (Model<LanguageHead> model = Models.load(
                packed(name),
                LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32).withQuantization(Quantization.of(how)))) {
            assertThat(logits(model)).containsExactly(golden(packed(name)), Offset.offset(2e-6f));
        }
    }

    @Test
    void cannotBePackedInAnotherWay() {
        assertThatThrownBy(() -> Models.load(
                        packed("nf4"),
                        LoadOptions.on(Device.cpu())
                                .withPrecision(Precision.FLOAT32)
                                .withQuantization(Quantization.INT8)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("packed already, as nf4: it cannot be loaded as int8");
    }

    @Test
    void layersThatPythonLeftOutAreNamedByNoOne() throws Exception {
        Path changed = changed("nf4", Map.of());
        String config = Files.readString(changed.resolve("config.json"));
        Files.writeString(
                changed.resolve("config.json"),
                config.replace("\"llm_int8_skip_modules\": null", "\"llm_int8_skip_modules\": [\"lm_head\"]"));
        try (Model<LanguageHead> model = load(changed)) {
            assertThat(logits(model)).containsExactly(golden(packed("nf4")), Offset.offset(2e-6f));
        }
    }

    /** A copy of a checkpoint with other tensors in the place of some; those of no bytes are left out. */
    private Path changed(String name, Map<String, TensorSource> changes) throws Exception {
        Path target = Files.createDirectories(folder.resolve("changed"));
        Files.copy(packed(name).resolve("config.json"), target.resolve("config.json"));
        try (Checkpoint source = Checkpoint.open(packed(name))) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String tensor : source.names()) {
                TensorSource change = changes.get(tensor);
                if (change == null) {
                    tensors.add(TensorSource.of(source, tensor));
                } else if (change.info().byteSize() > 0) {
                    tensors.add(change);
                }
            }
            SafetensorsWriter.write(target.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        }
        return target;
    }

    private static TensorSource bytes(String name, StoredType type, byte... values) {
        ByteBuffer direct = ByteBuffer.allocateDirect(values.length).put(values).flip();
        return TensorSource.of(new TensorInfo(name, type, List.of((long) values.length / type.bytes())), direct);
    }

    private static TensorSource state(String json) {
        return bytes(STATE, StoredType.U8, json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"quant_type\":\"nf4\",\"blocksize\":64,\"shape\":[64,65]} | expected shape [64, 64], found [64, 65]",
                "{\"quant_type\":\"nf4\",\"blocksize\":128,\"shape\":[64,64]} | expected blocksize 64, found 128",
                "{\"quant_type\":\"fp4\",\"blocksize\":32} | expected quant_type \"nf4\", found \"fp4\", expected blocksize 64, found 32, expected shape",
                "{\"quant_type\":\"nf4\",\"blocksize\":64,\"shape\":[64,64],\"nested_blocksize\":256} | expected a number as nested_offset, found null",
                "{\"quant_type\" | is no valid JSON: expected : after a key, found the end",
                "[] | holds no JSON object, but a list",
            })
    void aStateThatDoesNotFitIsRefused(String json, String message) throws Exception {
        Path changed = changed("nf4", Map.of(STATE, state(json)));
        assertThatThrownBy(() -> load(changed))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(WEIGHT + " as bitsandbytes packed it: ")
                .hasMessageContaining(message);
    }

    @Test
    void tensorsThatAreMissingOrCutAreRefusedTogether() throws Exception {
        String other = "model.layers.0.mlp.up_proj.weight";
        String third = "model.layers.0.mlp.down_proj.weight";
        Path changed = changed(
                "nested",
                Map.of(
                        WEIGHT + ".absmax",
                        bytes(WEIGHT + ".absmax", StoredType.U8, new byte[63]),
                        other + ".quant_map",
                        bytes(other + ".quant_map", StoredType.F32, new byte[64]),
                        third + ".nested_absmax",
                        bytes(third + ".nested_absmax", StoredType.F32)));
        assertThatThrownBy(() -> load(changed))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected 64 bytes of " + WEIGHT + ".absmax, found 63")
                .hasMessageContaining("code 0 stands for 0.0, expected -1.0")
                .hasMessageContaining("expected a tensor " + third + ".nested_absmax, found none");
    }

    @Test
    void bytesOfCodesMustBeThere() throws Exception {
        Path changed = changed("nf4", Map.of(WEIGHT, bytes(WEIGHT, StoredType.U8, new byte[100])));
        assertThatThrownBy(() -> load(changed))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected 2048 bytes of " + WEIGHT + ", found 100");
    }

    @Test
    void scalesOfEightBitCodesMustBeThere() throws Exception {
        Path changed = changed("int8", Map.of(LAYER + "SCB", bytes(LAYER + "SCB", StoredType.F32, new byte[8])));
        assertThatThrownBy(() -> load(changed))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected 256 bytes of " + LAYER + "SCB, found 8");
    }

    @Test
    void codesMayBeStoredAsNumbersOfAnotherFormat() throws Exception {
        try (Checkpoint source = Checkpoint.open(packed("nf4"))) {
            byte[] codes = new byte[2048];
            source.bytes(WEIGHT).get(codes);
            Path changed = changed("nf4", Map.of(WEIGHT, bytes(WEIGHT, StoredType.BF16, codes)));
            try (Model<LanguageHead> model = load(changed)) {
                assertThat(logits(model)).containsExactly(golden(packed("nf4")), Offset.offset(2e-6f));
            }
        }
    }
}
