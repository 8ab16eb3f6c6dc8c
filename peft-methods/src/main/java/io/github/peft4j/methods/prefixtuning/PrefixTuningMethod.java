package io.github.peft4j.methods.prefixtuning;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderPlan;
import io.github.peft4j.methods.internal.promptlearning.PromptAdapter;
import io.github.peft4j.methods.internal.promptlearning.PromptLearning;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.Map;
import java.util.Objects;

/**
 * Prefix tuning: \(\mathrm{Attention}(q, [P_k; k], [P_v; v])\) in every layer, with trained \(P_k\) and \(P_v\).
 *
 * @see <a href="https://arxiv.org/abs/2101.00190">Li and Liang 2021</a>
 */
public final class PrefixTuningMethod implements PeftMethod<PrefixTuningConfig> {

    /** For the registry of methods. */
    public PrefixTuningMethod() {}

    @Override
    public String peftType() {
        return PrefixTuningConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "prefix-tuning";
    }

    @Override
    public PeftMethod.Defaults defaults() {
        return new PeftMethod.Defaults(
                1e-2, new PeftMethod.Defaults.Trial(450, 5e-2, Map.of("num_virtual_tokens", 20)));
    }

    @Override
    public PrefixTuningConfig read(ConfigValues values) {
        return PrefixTuningConfig.read(values);
    }

    @Override
    public Adapter attach(Model<?> model, PrefixTuningConfig config, AttachContext context) {
        PromptLearning filled = config.prompt().forKeysAndValues(model, config);
        if (config.legacyBloomLayout()) {
            requireSavedBloom(model, context);
        }
        int hidden = Objects.requireNonNullElse(config.encoderHiddenSize(), filled.width());
        PrefixTuningConfig settled = config.toBuilder()
                .prompt(filled)
                .encoderHiddenSize(hidden)
                .legacyBloomLayout(false)
                .build();
        Anatomy.CacheGeometry cache = model.anatomy().cache();
        PromptTable table = table(settled, NewWeights.of(model, context));
        return PromptAdapter.attach(
                model,
                settled,
                config.legacyBloomLayout()
                        ? table.reordered(values -> LegacyBloomLayout.modern(model.scope(), values, cache))
                        : table,
                filled.modulesToSave(),
                prefix -> new KeysAndValuesBefore(prefix, cache),
                context);
    }

    private static PromptTable table(PrefixTuningConfig settled, NewWeights first) {
        PromptLearning prompt = settled.prompt();
        int places = prompt.numVirtualTokens();
        long out = 2L * prompt.layers() * prompt.width();
        boolean zero = settled.initWeights() != null;
        if (!settled.prefixProjection()) {
            return PromptTable.of(
                    zero ? first.zeros(PromptTable.KEY, places, out) : first.normal(PromptTable.KEY, places, out));
        }
        int hidden = Objects.requireNonNull(settled.encoderHiddenSize());
        EncoderPlan encoder = new EncoderPlan(
                ProjectionEncoder.TENSORS,
                () -> first.together(() -> ProjectionEncoder.of(first, places, prompt.width(), hidden, out, zero)));
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
