package io.github.peft4j.cli.internal.command;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.nn.weights.internal.PackedTensors;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sums over the tensors of a file or several.
 *
 * @param parameters numbers in those that are parameters
 * @param bytes of all
 * @param tensors how many
 * @param byType parameters of each type
 */
record Contents(long parameters, long bytes, long tensors, Map<StoredType, Long> byType) {

    static Contents of(Checkpoint weights, Predicate<String> counted) throws CheckpointException {
        long parameters = 0;
        long bytes = 0;
        Map<StoredType, Long> byType = new EnumMap<>(StoredType.class);
        for (String name : weights.names()) {
            TensorInfo info = weights.info(name);
            bytes += info.byteSize();
            if (counted.test(name)) {
                long count = PackedTensors.parameterCount(weights, name);
                parameters += count;
                byType.merge(info.type(), count, Long::sum);
            }
        }
        return new Contents(parameters, bytes, weights.names().size(), byType);
    }

    /** The type that most parameters have. */
    @Nullable
    String dtype() {
        return byType.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(entry -> text(entry.getKey()))
                .orElse(null);
    }

    /** A type as config.json names it. */
    static String text(StoredType type) {
        return switch (type) {
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            case F64 -> "float64";
            default -> type.name().toLowerCase(Locale.ROOT);
        };
    }
}
