package io.github.peft4j.models.internal;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.internal.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys and values before rows, on their way into a pass. */
final class PastKeyValues {

    private PastKeyValues() {}

    /**
     * A pass behind those of an input.
     *
     * @param cache sizes of what can stand before a row, or null where the architecture takes nothing
     * @param precision that the pass computes in
     * @throws IllegalArgumentException if there is not a pair for each layer
     */
    static Forward before(
            Forward context,
            ModelInput input,
            String modelType,
            Anatomy.@Nullable CacheGeometry cache,
            Precision precision) {
        List<KeyValue> pairs = input.pastKeyValues();
        if (cache == null || pairs.size() != cache.layers()) {
            throw new IllegalArgumentException("past keys and values of " + pairs.size() + " layers, but " + modelType
                    + (cache == null ? " takes none" : " has " + cache.layers()));
        }
        List<KeyValue> converted = pairs.stream()
                .map(pair -> new KeyValue(
                        Functions.cast(context, pair.key(), precision),
                        Functions.cast(context, pair.value(), precision)))
                .toList();
        return context.withPrefix(converted, input.pastKeyValueCount());
    }
}
