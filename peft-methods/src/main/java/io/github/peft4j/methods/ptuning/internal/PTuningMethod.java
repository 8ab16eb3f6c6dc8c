package io.github.peft4j.methods.ptuning.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderPlan;
import io.github.peft4j.methods.internal.promptlearning.PromptAdapter;
import io.github.peft4j.methods.internal.promptlearning.PromptSizes;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.methods.internal.promptlearning.VirtualTokensBefore;
import io.github.peft4j.methods.ptuning.PTuningConfig;
import io.github.peft4j.models.Model;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P-tuning: embeddings before every row, \([f(E); \mathrm{emb}(x)]\), computed by a network \(f\) that is trained with \(E\).
 *
 * @see <a href="https://arxiv.org/abs/2103.10385">Liu et al. 2021</a>
 */
public final class PTuningMethod extends PeftMethod<PTuningConfig> {

    private static final Logger LOG = LoggerFactory.getLogger(PTuningMethod.class);

    /** For the registry of methods. */
    public PTuningMethod() {
        super("p-tuning", PTuningConfig.SCHEMA, PromptAdapter.defaults(1e-3));
    }

    @Override
    public Adapter attach(Model<?> model, PTuningConfig config, AttachContext context) {
        PromptSizes sizes = PromptSizes.ofEmbeddings(model, config);
        int hidden = Objects.requireNonNullElse(config.get(PTuningConfig.ENCODER_HIDDEN_SIZE), sizes.width());
        boolean lstm = config.get(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE) == PTuningConfig.Encoder.LSTM;
        int layers = config.get(PTuningConfig.ENCODER_NUM_LAYERS);
        int mlpLayers = PTuningConfig.ENCODER_NUM_LAYERS.otherwise();
        if (!lstm && context.initialise() && layers != mlpLayers) {
            LOG.warn(
                    "for MLP, the argument `encoder_num_layers` is ignored. Exactly {} MLP layers are used.",
                    mlpLayers);
        }
        NewWeights first = NewWeights.of(model, context);
        int count = sizes.count();
        int width = sizes.width();
        EncoderPlan encoder = lstm
                ? new EncoderPlan(
                        LstmEncoder.tensors(layers),
                        () -> first.together(() -> LstmEncoder.of(
                                first, count, width, hidden, layers, config.get(PTuningConfig.ENCODER_DROPOUT))))
                : new EncoderPlan(
                        MlpEncoder.TENSORS, () -> first.together(() -> MlpEncoder.of(first, count, width, hidden)));
        PromptTable table = PromptTable.of(first.zeros(PromptTable.KEY, count, width), encoder, first);
        return PromptAdapter.attach(
                model,
                sizes.into(config.toBuilder())
                        .set(PTuningConfig.ENCODER_HIDDEN_SIZE, hidden)
                        .build(),
                table,
                config.modulesToSave(),
                prompt -> new VirtualTokensBefore(prompt, count),
                context);
    }
}
