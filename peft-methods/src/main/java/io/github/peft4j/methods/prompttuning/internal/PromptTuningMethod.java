package io.github.peft4j.methods.prompttuning.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.PromptAdapter;
import io.github.peft4j.methods.internal.promptlearning.PromptSizes;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.methods.internal.promptlearning.VirtualTokensBefore;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.util.Objects;

/**
 * Prompt tuning: trained embeddings \(E\) before every row, \([E; \mathrm{emb}(x)]\).
 *
 * @see <a href="https://arxiv.org/abs/2104.08691">Lester et al. 2021</a>
 */
public final class PromptTuningMethod extends PeftMethod<PromptTuningConfig> {

    /** For the registry of methods. */
    public PromptTuningMethod() {
        super("prompt-tuning", PromptTuningConfig.SCHEMA, PromptAdapter.defaults(1e-2));
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if {@code tokenizer_kwargs} sets what is not implemented, by name
     */
    @Override
    public Adapter attach(Model<?> model, PromptTuningConfig config, AttachContext context) {
        PromptSizes sizes = PromptSizes.ofEmbeddings(model, config);
        Weight table = first(model, config, sizes, context);
        PromptTuningConfig settled = sizes.into(config.toBuilder())
                .set(
                        PromptTuningConfig.TOKENIZER_KWARGS,
                        context.initialise()
                                ? PromptText.heeded(config.get(PromptTuningConfig.TOKENIZER_KWARGS))
                                : config.get(PromptTuningConfig.TOKENIZER_KWARGS))
                .build();
        return PromptAdapter.attach(
                model,
                settled,
                PromptTable.of(table),
                config.modulesToSave(),
                prompt -> new VirtualTokensBefore(prompt, sizes.count()),
                context);
    }

    private static Weight first(Model<?> model, PromptTuningConfig config, PromptSizes sizes, AttachContext context) {
        int count = sizes.count();
        NewWeights first = NewWeights.of(model, context);
        if (!first.drawn() || config.get(PromptTuningConfig.PROMPT_TUNING_INIT) == PromptTuningConfig.Init.RANDOM) {
            return first.normal(PromptTable.KEY, count, sizes.width());
        }
        long[] tokens = config.get(PromptTuningConfig.PROMPT_TUNING_INIT) == PromptTuningConfig.Init.TEXT
                ? PromptText.tokens(model, config, count)
                : first.random().longs(count, 0, model.config().vocabSize()).toArray();
        return embeddings(model, tokens);
    }

    /** Copies of the base model's own embeddings of tokens, as its blocks get them. */
    private static Weight embeddings(Model<?> model, long[] tokens) {
        Weight words = Objects.requireNonNull(BaseModules.of(model)
                .base(model.anatomy().inputEmbedding())
                .ownWeights()
                .get("weight"));
        Kernels k = model.scope().kernels();
        try (NDArray ids = model.scope().longs(tokens);
                NDArray rows = k.rows(words.original(), ids)) {
            double scale = model.anatomy().embeddingScale();
            if (scale != 1) {
                k.scaleInto(rows, scale);
            }
            return new Weight(
                    PromptTable.KEY, k.cast(rows, Precision.FLOAT32), Precision.FLOAT32, model.scope(), false);
        }
    }
}
