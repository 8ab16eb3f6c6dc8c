package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import io.github.peft4j.training.data.EncodingOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is to do.
 *
 * @param head the head that it is loaded with
 * @param json its config, with the changes
 * @param changes values by key that count instead of those in the checkpoint's config
 * @param open whether nothing says what the outputs are, so that rows to learn from may
 */
public record Task(Class<? extends Head> head, ConfigJson json, Map<String, Object> changes, boolean open) {

    private static final String PROBLEM_TYPE = "problem_type";

    /** Whether something else is learned than next tokens. */
    public boolean judges() {
        return head != LanguageHead.class;
    }

    /** Whether outputs have names. */
    public boolean classifies() {
        return head == SequenceHead.class || head == TokenHead.class;
    }

    /** The same with more that counts instead of what the checkpoint's config says. */
    public Task with(Map<String, Object> more) {
        Map<String, Object> all = new LinkedHashMap<>(changes);
        all.putAll(more);
        return new Task(head, json.with(more), all, open);
    }

    /**
     * The same for what is to be learned of these rows, where nothing says it: as transformers' models, which write it into their config, the type of
     * the problem is that of the first.
     */
    public Task learning(List<Row> rows) {
        if (head != SequenceHead.class || json.textOrNull(PROBLEM_TYPE) != null) {
            return this;
        }
        int outputs = SequenceHead.Labels.of(json).count();
        return with(Map.of(
                PROBLEM_TYPE,
                SequenceClassification.ProblemType.of(rows.get(0).target(), outputs)
                        .text()));
    }

    /** What rows, or tokens, have as their label, or null where next tokens are learned. */
    public EncodingOptions.@Nullable RowLabels labels(boolean needed) {
        if (head == MaskedHead.class) {
            return EncodingOptions.RowLabels.ofHiddenTokens();
        }
        if (head == EmbeddingHead.class) {
            return EncodingOptions.RowLabels.ofPairs();
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
