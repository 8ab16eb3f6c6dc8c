package io.github.peft4j.models.nn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BiasedTest {

    @TempDir
    private Path folder;

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private Weight weight(String name, float[] values, long... shape) {
        return new Weight(name, scope.floats(values, shape), Precision.FLOAT32, scope, false);
    }

    private List<Biased> layers() throws CheckpointException {
        Weights norms = Weights.of(checkpoint(), scope, Precision.FLOAT32);
        return List.of(
                Linear.of(weight("weight", new float[] {1, 2, 3, 4}, 2, 2), null),
                Linear.conv1d(weight("weight", new float[] {1, 2, 3, 4}, 2, 2), weight("bias", new float[] {5, 6}, 2)),
                RmsNorm.load(norms, 2, 1e-6),
                LayerNorm.load(norms.at("other"), 2, 1e-6),
                LayerNorm.load(norms, 2, 1e-6, false));
    }

    /** The weights of two norms. */
    private Checkpoint checkpoint() throws CheckpointException {
        List<TensorSource> tensors = new ArrayList<>();
        for (String name : List.of("weight", "other.weight", "other.bias")) {
            ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putFloat(1.5f).putFloat(-0.5f).flip();
            tensors.add(TensorSource.of(new TensorInfo(name, StoredType.F32, List.of(2L)), bytes));
        }
        Path file = folder.resolve("norms.safetensors");
        try {
            SafetensorsWriter.write(file, Map.of("format", "pt"), tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Checkpoint.open(file);
    }

    private float[] forward(Module layer) {
        try (Forward context = Forward.inference(scope, Rows.of(2));
                Activation x = Activation.constant(scope.floats(new float[] {1, -2, 3, 0.5f}, 2, 2));
                Activation y = layer.forward(context, x)) {
            return y.array().toFloatArray();
        }
    }

    @Test
    void anotherBiasMovesTheOutputByItsDifference() throws CheckpointException {
        for (Biased layer : layers()) {
            float[] own =
                    layer.bias() == null ? new float[2] : layer.bias().array().toFloatArray();
            float[] before = forward((Module) layer);
            Module moved = layer.withBias(weight("bias", new float[] {own[0] + 1, own[1] - 3}, 2));
            float[] after = forward(moved);
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i] - before[i])
                        .isEqualTo(i % 2 == 0 ? 1f : -3f, org.assertj.core.api.Assertions.within(1e-5f));
            }
            assertThat(moved.ownWeights()).containsOnlyKeys("weight", "bias");
            assertThat(((Biased) moved).weight()).isSameAs(layer.weight());
            assertThat(layer.out()).isEqualTo(2);
        }
    }

    @Test
    void aBiasThatIsTrainedGetsTheSumOfItsOutputsGradients() throws CheckpointException {
        for (Biased layer : layers()) {
            Weight bias = weight("bias", new float[] {0.5f, 0.25f}, 2);
            Module with = layer.withBias(bias).withWeights(weight -> weight);
            bias.setTrainable(true);
            try (Forward context = Forward.recording(scope, Rows.of(2), new Forward.Recording(1, false, false));
                    Activation x = Activation.constant(scope.floats(new float[] {1, -2, 3, 0.5f}, 2, 2));
                    Activation y = with.forward(context, x);
                    NDArray g = scope.floats(new float[] {1, 2, 3, 5}, 2, 2)) {
                y.accumulateShared(g, scope.kernels());
                context.backward();
            }
            assertThat(bias.gradient().toFloatArray()).containsExactly(4, 7);
        }
    }
}
