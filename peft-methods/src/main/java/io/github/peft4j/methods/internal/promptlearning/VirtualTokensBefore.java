package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.nn.Forward;

/**
 * A table of embeddings that stand before every row's own.
 *
 * @param table [P, D]
 * @param virtualTokens P
 */
public record VirtualTokensBefore(PromptTable table, int virtualTokens) implements Model.InputTransform {

    @Override
    public ModelInput apply(Forward context, ModelInput input) {
        return input.withVirtualTokens(table.compute(context));
    }
}
