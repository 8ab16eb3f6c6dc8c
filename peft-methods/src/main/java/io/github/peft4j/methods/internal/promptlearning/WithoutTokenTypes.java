package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.nn.Forward;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a prompt adapter for hidden states does: types of tokens do not reach the model, as in Hugging Face PEFT's {@code
 * PeftModelForFeatureExtraction}, which warns of it.
 */
final class WithoutTokenTypes implements Model.InputTransform {

    private static final Logger LOG = LoggerFactory.getLogger(WithoutTokenTypes.class);

    private final Model.InputTransform besides;
    private final AtomicBoolean told = new AtomicBoolean();

    /** Ignores types of tokens, and does this besides. */
    WithoutTokenTypes(Model.InputTransform besides) {
        this.besides = besides;
    }

    @Override
    public int virtualTokens() {
        return besides.virtualTokens();
    }

    @Override
    public ModelInput apply(Forward context, ModelInput input) {
        if (Arrays.stream(input.tokenTypes()).anyMatch(type -> type > 0) && !told.getAndSet(true)) {
            LOG.warn("token types are ignored before hidden states with virtual tokens, as Hugging Face PEFT does");
        }
        return besides.apply(
                context, new ModelInput(input.tokenIds(), input.rows(), input.virtualTokens(), input.pastKeyValues()));
    }
}
