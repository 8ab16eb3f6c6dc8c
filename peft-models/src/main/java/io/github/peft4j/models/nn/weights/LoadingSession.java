package io.github.peft4j.models.nn.weights;

import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What all {@link Weights} of one checkpoint share while a model is built from it. */
final class LoadingSession {
    final Checkpoint checkpoint;
    final Scope scope;
    final Precision precision;
    final @Nullable Quantization quantization;
    final long largestBuffer;
    final Set<String> taken = new LinkedHashSet<>();
    final Map<String, Weight> shared = new TreeMap<>();
    /** From a name that stands for another tensor's to that tensor's. */
    final Map<String, String> ties = new TreeMap<>();

    final Misfit problems = new Misfit();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    LoadingSession(
            Checkpoint checkpoint,
            Scope scope,
            Precision precision,
            @Nullable Quantization quantization,
            long largestBuffer) {
        this.checkpoint = checkpoint;
        this.scope = scope;
        this.precision = precision;
        this.quantization = quantization;
        this.largestBuffer = largestBuffer;
    }

    /** Whether weights get shapes alone, so that nothing can be missing. */
    boolean shapesOnly() {
        return checkpoint instanceof NoTensors;
    }

    /** Direct memory of a size, used again each time. */
    ByteBuffer buffer(int bytes) {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes);
        }
        return buffer.clear().slice(0, bytes);
    }
}
