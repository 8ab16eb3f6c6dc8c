package io.github.peft4j.methods.ptuning;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderPlan;
import io.github.peft4j.methods.internal.promptlearning.PromptAdapter;
import io.github.peft4j.methods.internal.promptlearning.PromptLearning;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.methods.internal.promptlearning.VirtualTokensBefore;
import io.github.peft4j.models.Model;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P-tuning: embeddings before every row, \([f(E); \mathrm{emb}(x)]\), computed by a network \(f\) that is trained with \(E\).
 *
 * @see <a href="https://arxiv.org/abs/2103.10385">Liu et al. 2021</a>
 */
public final class PTuningMethod implements PeftMethod<PTuningConfig> {

    private static final Logger LOG = LoggerFactory.getLogger(PTuningMethod.class);

    /** For the registry of methods. */
    public PTuningMethod() {}

    @Override
    public String peftType() {
        return PTuningConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "p-tuning";
    }

    @Override
    public PeftMethod.Defaults defaults() {
        return new PeftMethod.Defaults(
                1e-3, new PeftMethod.Defaults.Trial(450, 5e-3, Map.of("num_virtual_tokens", 20)));
    }

    @Override
    public PTuningConfig read(ConfigValues values) {
        return PTuningConfig.read(values);
    }

    @Override
    public Adapter attach(Model<?> model, PTuningConfig config, AttachContext context) {
        PromptLearning filled = config.prompt().forEmbeddings(model, config);
        int hidden = Objects.requireNonNullElse(config.encoderHiddenSize(), filled.width());
        boolean lstm = config.encoderReparameterizationType() == EncoderType.LSTM;
        if (!lstm && context.initialise() && config.encoderNumLayers() != PTuningConfig.DEFAULT_LAYERS) {
            LOG.warn(
                    "for MLP, the argument `encoder_num_layers` is ignored. Exactly {} MLP layers are used.",
                    PTuningConfig.DEFAULT_LAYERS);
        }
        NewWeights first = NewWeights.of(model, context);
        int count = filled.numVirtualTokens();
        int width = filled.width();
        int layers = config.encoderNumLayers();
        EncoderPlan encoder = lstm
                ? new EncoderPlan(
                        LstmEncoder.tensors(layers),
                        () -> first.together(
                                () -> LstmEncoder.of(first, count, width, hidden, layers, config.encoderDropout())))
                : new EncoderPlan(
                        MlpEncoder.TENSORS, () -> first.together(() -> MlpEncoder.of(first, count, width, hidden)));
        PromptTable table = PromptTable.of(first.zeros(PromptTable.KEY, count, width), encoder, first);
        return PromptAdapter.attach(
                model,
                config.toBuilder().prompt(filled).encoderHiddenSize(hidden).build(),
                table,
                filled.modulesToSave(),
                prompt -> new VirtualTokensBefore(prompt, count),
                context);
    }
}
