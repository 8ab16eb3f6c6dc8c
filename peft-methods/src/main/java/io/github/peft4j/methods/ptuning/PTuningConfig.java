package io.github.peft4j.methods.ptuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.internal.promptlearning.PromptSettings;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Settings of P-tuning, Hugging Face's {@code PromptEncoderConfig}: {@code PTuningConfig.builder(20).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2103.10385">Liu et al. 2021</a>
 */
public record PTuningConfig(CommonSettings common, SettingValues values) implements PromptSettings {

    public static final Setting<Encoder> ENCODER_REPARAMETERIZATION_TYPE = Setting.constantName(
                    "encoder_reparameterization_type", Encoder.MLP.name(), "`MLP` or `LSTM`")
            .as(PTuningConfig::encoder, Encoder::name);
    public static final Setting<@Nullable Integer> ENCODER_HIDDEN_SIZE = Setting.countOrNull(
                    "encoder_hidden_size", "Hd, the network's inner width")
            .defaultsTo("D");
    public static final Setting<Integer> ENCODER_NUM_LAYERS =
            Setting.count("encoder_num_layers", 2, "layers of the LSTM; the MLP always has three linear layers");
    public static final Setting<Double> ENCODER_DROPOUT = Setting.dropout(
            "encoder_dropout", "probability with which a value between two layers of the LSTM is dropped in training");

    public static final ConfigSchema<PTuningConfig> SCHEMA = ConfigSchema.of("P_TUNING")
            .settings(PromptSettings.all())
            .settings(ENCODER_REPARAMETERIZATION_TYPE, ENCODER_HIDDEN_SIZE, ENCODER_NUM_LAYERS, ENCODER_DROPOUT)
            .build(PTuningConfig::new);

    /** Checks the settings and how they go together. */
    public PTuningConfig {
        values.requireValid(SCHEMA);
    }

    /** The kind of encoder of a name, in capital or small letters. */
    private static Encoder encoder(String name) {
        try {
            return Encoder.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Prompt encoder type not recognized. Please use one of MLP (recommended) or LSTM. Got"
                            + " encoder_reparameterization_type=" + name,
                    e);
        }
    }

    /** Starts settings with the number of virtual tokens; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(SCHEMA.draft()).set(NUM_VIRTUAL_TOKENS, numVirtualTokens);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<PTuningConfig> draft)
            implements PromptSettings.Builder<PTuningConfig, Builder> {}

    /** What computes the virtual tokens; the values of {@code encoder_reparameterization_type}. */
    public enum Encoder {
        /** Three linear layers with ReLU between them. */
        MLP,
        /** A bidirectional LSTM and two linear layers with ReLU between them. */
        LSTM
    }
}
