package io.github.peft4j.models.causal.internal;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.internal.loss.TokenLoss;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;

/**
 * The negative log-likelihood of the next token at supervised positions, summed: Hugging Face's {@code ForCausalLMLoss}.
 */
public final class NextToken implements Objective {

    /** The only one: it has no settings. */
    public static final NextToken OBJECTIVE = new NextToken();

    private NextToken() {}

    @Override
    public String item() {
        return "token";
    }

    /** Labels from a row's second on, or from its first on if virtual tokens stand before it. */
    @Override
    public int items(Model<?> model, Batch batch) {
        return Supervision.count(batch, model.virtualTokens());
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException as there, or if a token id or label is not in the vocabulary
     */
    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        model.with(LanguageHead.class);
        Supervision supervision = Supervision.of(context, model, batch);
        if (supervision.count() == 0) {
            return 0;
        }
        try (Activation selected = supervision.hidden(context, model)) {
            return TokenLoss.sum(context, model, selected, supervision.targets(), weight);
        }
    }
}
