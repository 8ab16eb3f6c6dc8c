package io.github.peft4j.methods.prefixtuning.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderPlan;
import io.github.peft4j.methods.internal.promptlearning.PromptAdapter;
import io.github.peft4j.methods.internal.promptlearning.PromptSizes;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.Objects;

/**
 * Prefix tuning: \(\mathrm{Attention}(q, [P_k; k], [P_v; v])\) in every layer, with trained \(P_k\) and \(P_v\).
 *
 * @see <a href="https://arxiv.org/abs/2101.00190">Li and Liang 2021</a>
 */
public final class PrefixTuningMethod extends PeftMethod<PrefixTuningConfig> {

    /** For the registry of methods. */
    public PrefixTuningMethod() {
        super("prefix-tuning", PrefixTuningConfig.SCHEMA, PromptAdapter.defaults(1e-2));
    }

    @Override
    public Adapter attach(Model<?> model, PrefixTuningConfig config, AttachContext context) {
        PromptSizes sizes = PromptSizes.ofKeysAndValues(model, config);
        if (config.get(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT)) {
            requireSavedBloom(model, context);
        }
        int hidden = Objects.requireNonNullElse(config.get(PrefixTuningConfig.ENCODER_HIDDEN_SIZE), sizes.width());
        PrefixTuningConfig settled = sizes.into(config.toBuilder())
                .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, hidden)
                .set(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT, false)
                .build();
        Anatomy.CacheGeometry cache = PromptSizes.cache(model);
        PromptTable table = table(settled, sizes, NewWeights.of(model, context));
        return PromptAdapter.attach(
                model,
                settled,
                config.get(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT)
                        ? table.reordered(values -> LegacyBloomLayout.modern(model.scope(), values, cache))
                        : table,
                config.modulesToSave(),
                prefix -> new KeysAndValuesBefore(prefix, cache),
                context);
    }

    private static PromptTable table(PrefixTuningConfig settled, PromptSizes sizes, NewWeights first) {
        int places = sizes.count();
        long out = 2L * sizes.layers() * sizes.width();
        boolean zero = settled.get(PrefixTuningConfig.INIT_WEIGHTS) != null;
        if (!settled.get(PrefixTuningConfig.PREFIX_PROJECTION)) {
            return PromptTable.of(
                    zero ? first.zeros(PromptTable.KEY, places, out) : first.normal(PromptTable.KEY, places, out));
        }
        int hidden = Objects.requireNonNull(settled.get(PrefixTuningConfig.ENCODER_HIDDEN_SIZE));
        EncoderPlan encoder = new EncoderPlan(
                ProjectionEncoder.TENSORS,
                () -> first.together(() -> ProjectionEncoder.of(first, places, sizes.width(), hidden, out, zero)));
        return PromptTable.of(first.zeros(PromptTable.KEY, places, out), encoder, first);
    }

    private static void requireSavedBloom(Model<?> model, AttachContext context) {
        if (context.initialise()) {
            throw new IllegalArgumentException("legacy_bloom_layout is for adapters that were saved: leave it out");
        }
        if (!model.anatomy().modelType().equals("bloom")) {
            throw new IllegalArgumentException("legacy_bloom_layout is for Bloom, not for a "
                    + model.anatomy().className() + ": leave it out");
        }
    }
}
