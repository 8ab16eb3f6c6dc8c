package io.github.peft4j.methods.ptuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.PromptLearning;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of P-tuning, Hugging Face's {@code PromptEncoderConfig}: {@code PTuningConfig.builder(20).encoderHiddenSize(128).build()}.
 *
 * @param common what the configs of all methods have
 * @param prompt what the configs of all prompt methods have
 * @param encoderReparameterizationType the kind of encoder
 * @param encoderHiddenSize Hd, the encoder's inner width; null for that of a virtual token
 * @param encoderNumLayers layers of an LSTM
 * @param encoderDropout probability with which a value between two layers of an LSTM is dropped in training, from 0 to below 1
 * @see <a href="https://arxiv.org/abs/2103.10385">Liu et al. 2021</a>
 */
public record PTuningConfig(
        CommonSettings common,
        PromptLearning prompt,
        EncoderType encoderReparameterizationType,
        @Nullable Integer encoderHiddenSize,
        int encoderNumLayers,
        double encoderDropout)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "P_TUNING";

    /** Hugging Face PEFT's default of {@code encoder_num_layers}. */
    public static final int DEFAULT_LAYERS = 2;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    public PTuningConfig {
        List<String> problems = new ArrayList<>();
        if (encoderHiddenSize != null && encoderHiddenSize < 1) {
            problems.add("encoder_hidden_size must be at least 1, got " + encoderHiddenSize);
        }
        if (encoderNumLayers < 1) {
            problems.add("encoder_num_layers must be at least 1, got " + encoderNumLayers);
        }
        if (!(encoderDropout >= 0 && encoderDropout < 1)) {
            problems.add("encoder_dropout must be at least 0 and below 1, got " + encoderDropout);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Starts settings with the number of virtual tokens; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(PromptLearning.of(numVirtualTokens));
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(prompt)
                .common(common)
                .encoder(encoderReparameterizationType)
                .encoderHiddenSize(encoderHiddenSize)
                .encoderNumLayers(encoderNumLayers)
                .encoderDropout(encoderDropout);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad, all of them in one message
     */
    static PTuningConfig read(ConfigValues values) {
        Builder builder = new Builder(PromptLearning.read(values))
                .encoder(type(values))
                .encoderHiddenSize(values.integerOrNull("encoder_hidden_size"))
                .encoderNumLayers(values.integer("encoder_num_layers", DEFAULT_LAYERS))
                .encoderDropout(values.number("encoder_dropout", 0));
        builder.common(values.finish());
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }

    private static EncoderType type(ConfigValues values) {
        String name = values.constantName("encoder_reparameterization_type", EncoderType.MLP.name());
        try {
            return EncoderType.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            values.reject("Prompt encoder type not recognized. Please use one of MLP (recommended) or LSTM. Got "
                    + "encoder_reparameterization_type=" + name);
            return EncoderType.MLP;
        }
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public PTuningConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = prompt.settings();
        settings.put("encoder_reparameterization_type", encoderReparameterizationType.name());
        settings.put("encoder_hidden_size", encoderHiddenSize);
        settings.put("encoder_num_layers", encoderNumLayers);
        settings.put("encoder_dropout", encoderDropout);
        return settings;
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private PromptLearning prompt;
        private CommonSettings common = CommonSettings.forModel();
        private EncoderType encoder = EncoderType.MLP;
        private @Nullable Integer encoderHiddenSize;
        private int encoderNumLayers = DEFAULT_LAYERS;
        private double encoderDropout;

        private Builder(PromptLearning prompt) {
            this.prompt = prompt;
        }

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
            return this;
        }

        /** What the configs of all prompt methods have, the number of virtual tokens among them. */
        public Builder prompt(PromptLearning settings) {
            prompt = settings;
            return this;
        }

        /** The kind of encoder; a perceptron if not given. */
        public Builder encoder(EncoderType type) {
            encoder = type;
            return this;
        }

        /** The encoder's inner width; null for that of a virtual token. */
        public Builder encoderHiddenSize(@Nullable Integer width) {
            encoderHiddenSize = width;
            return this;
        }

        /** Layers of an LSTM; {@value PTuningConfig#DEFAULT_LAYERS} if not given. */
        public Builder encoderNumLayers(int layers) {
            encoderNumLayers = layers;
            return this;
        }

        /** Probability with which a value between two layers of an LSTM is dropped in training; 0 if not given. */
        public Builder encoderDropout(double probability) {
            encoderDropout = probability;
            return this;
        }

        /** Modules that are trained whole, by ends of their paths. */
        public Builder modulesToSave(String... names) {
            prompt = prompt.withModulesToSave(List.of(names));
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are wrong
         */
        public PTuningConfig build() {
            return new PTuningConfig(common, prompt, encoder, encoderHiddenSize, encoderNumLayers, encoderDropout);
        }
    }
}
