package io.github.peft4j.models.causal.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValue;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import java.util.List;

/**
 * A model that reads rows piece by piece and keeps what later tokens need of earlier ones.
 *
 * @param model the model, which stays the caller's
 * @param cache keys and values of the rows so far, which stay the caller's
 */
public record Decoding(Model<LanguageHead> model, KeyValueCache cache) {

    /**
     * The logits of each row's last position, adding the rows' keys and values to the cache.
     *
     * @param input new tokens only, in rows whose {@code past} is the cache's length; inputs are changed only while it is empty
     * @return [B, V], owned by {@code owner}
     * @throws IllegalArgumentException if the rows are not those of the cache
     * @throws IllegalStateException if the model is closed, or rows that begin choose a module that is no longer in it
     */
    public NDArray next(Scope owner, ModelInput input) {
        cache.requireContinues(input.rows());
        boolean first = cache.length(0) == 0;
        try (Forward context = Forward.generating(model.scope(), cache)) {
            ModelInput seen = first ? model.begin(context, input) : input;
            if (!seen.pastKeyValues().isEmpty()) {
                cache.fill(seen.pastKeyValues().stream()
                        .map(pair -> new KeyValue(
                                Functions.cast(context, pair.key(), model.precision()),
                                Functions.cast(context, pair.value(), model.precision())))
                        .toList());
                Rows after = seen.rows().after(cache.length(0));
                seen = new ModelInput(seen.tokenIds(), after, seen.virtualTokens(), List.of());
            }
            return lastLogits(owner, context, seen);
        }
    }

    private NDArray lastLogits(Scope owner, Forward context, ModelInput input) {
        Activation hidden = model.backbone().hidden(context, input, null);
        try (hidden;
                NDArray index = context.scope().longs(input.ends());
                Activation ends = Functions.rows(context, hidden, index)) {
            Forward atEnds = context.withChoices(input.rows().ends());
            return owner.adopt(model.head().forward(atEnds, ends).array());
        }
    }
}
