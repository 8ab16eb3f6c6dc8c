package io.github.peft4j.models.nn.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.internal.TokenProgram;
import io.github.peft4j.models.nn.Forward;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * What some modules do to one new token of each row, as one call.
 *
 * @param program the call
 * @param arrays what stays the same from token to token
 * @param tables what is computed for each token
 * @param layers the layers whose keys and values it extends
 */
public record TokenStep(
        TokenProgram program, List<NDArray> arrays, List<Function<Forward, NDArray>> tables, int[] layers) {

    public Activation run(Forward context, Activation x) {
        KeyValueCache cache = Objects.requireNonNull(context.cache());
        int[] past = context.rows().past();
        cache.makeRoom(layers);
        List<NDArray> shared = tables.stream().map(make -> make.apply(context)).toList();
        NDArray y =
                program.run(context.scope(), x.array(), arrays, shared, cache.keys(layers), cache.values(layers), past);
        cache.extended(layers);
        return Activation.constant(y);
    }
}
