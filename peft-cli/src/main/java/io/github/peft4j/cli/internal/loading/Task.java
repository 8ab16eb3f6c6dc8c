package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
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

    /** Whether rows have a label each. */
    public boolean classifies() {
        return head == SequenceHead.class;
    }

    /** What rows have as their label, or null where next tokens are learned. */
    public EncodingOptions.@Nullable RowLabels labels(boolean needed) {
        return classifies() ? new EncodingOptions.RowLabels(SequenceHead.Labels.of(json), needed) : null;
    }
}
