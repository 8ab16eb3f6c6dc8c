package io.github.peft4j.methods.trainabletokens;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import java.util.List;
import java.util.function.Consumer;

/**
 * Settings of the training of single tokens' vectors, Hugging Face's {@code TrainableTokensConfig}: {@code TrainableTokensConfig.builder().tokenIndices(50000, 50001).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 */
public record TrainableTokensConfig(CommonSettings common, SettingValues values) implements LayerSettings.Targets {

    public static final Setting<List<Integer>> TOKEN_INDICES = Setting.integers(
                    "token_indices", "the tokens, by number, each once; at least one")
            .checked(TrainableTokensConfig::requireTokens);
    public static final Setting<Boolean> INIT_WEIGHTS =
            Setting.flag("init_weights", true, "begin with the model's own vectors; false: with normal values");

    public static final ConfigSchema<TrainableTokensConfig> SCHEMA = ConfigSchema.of("TRAINABLE_TOKENS")
            .settings(TOKEN_INDICES, LayerSettings.TARGET_MODULES, INIT_WEIGHTS)
            .build(TrainableTokensConfig::new);

    /** Checks the settings and how they go together. */
    public TrainableTokensConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireTokens(List<Integer> tokens, Consumer<String> problems) {
        tokens.stream()
                .filter(token -> token < 0)
                .forEach(
                        token -> problems.accept("token_indices must hold numbers of tokens, from 0 on, got " + token));
        if (tokens.stream().distinct().count() < tokens.size()) {
            problems.accept("token_indices must name each token once, got " + tokens);
        }
    }

    /** Starts settings; all have Hugging Face PEFT's defaults. */
    public static Builder builder() {
        return new Builder(SCHEMA.draft());
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** The tokens whose vectors are trained, by number. */
    public List<Integer> tokenIndices() {
        return values.get(TOKEN_INDICES);
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<TrainableTokensConfig> draft)
            implements ConfigBuilder<TrainableTokensConfig, Builder>, LayerSettings.TargetsBuilder<Builder> {

        /** The tokens whose vectors are trained, by number. */
        public Builder tokenIndices(Integer... tokens) {
            return set(TOKEN_INDICES, List.of(tokens));
        }
    }
}
