package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import io.github.peft4j.training.data.EncodingOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is to do.
 *
 * @param head the head that it is loaded with
 * @param json its config, with the changes
 * @param changes values by key that count instead of those in the checkpoint's config
 */
public record Task(Class<? extends Head> head, ConfigJson json, Map<String, Object> changes) {

    /** Whether something else is learned than next tokens. */
    public boolean judges() {
        return head != LanguageHead.class;
    }

    /** Whether outputs have names. */
    public boolean classifies() {
        return head == SequenceHead.class || head == TokenHead.class;
    }

    /** What rows, or tokens, have as their label, or null where next tokens are learned. */
    public EncodingOptions.@Nullable RowLabels labels(boolean needed) {
        if (head == MaskedHead.class) {
            return EncodingOptions.RowLabels.ofHiddenTokens();
        }
        if (!classifies()) {
            return null;
        }
        SequenceHead.Labels names = SequenceHead.Labels.of(json);
        return head == TokenHead.class
                ? EncodingOptions.RowLabels.ofTokens(names, needed)
                : EncodingOptions.RowLabels.ofRows(names, needed);
    }
}
