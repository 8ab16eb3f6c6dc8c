package io.github.peft4j.methods;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.bitfit.BitFitConfig;
import io.github.peft4j.methods.bottleneck.BottleneckConfig;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig;
import io.github.peft4j.methods.lntuning.LnTuningConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lycoris.LohaConfig;
import io.github.peft4j.methods.lycoris.LokrConfig;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.methods.ptuning.PTuningConfig;
import io.github.peft4j.methods.trainabletokens.TrainableTokensConfig;
import io.github.peft4j.methods.vera.VeraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes that an adapter's config claims are compared with what its file holds before any memory is taken for them. */
class ClaimedSizesTest {

    /** More than any machine has memory for, times the width of any layer. */
    private static final String HUGE = String.valueOf(Integer.MAX_VALUE);

    private static final Pattern NUMBER = Pattern.compile("(?<=[ \\[])\\d+(?=,?\\n)");

    @TempDir
    private Path folder;

    /** A config of every method, and of every way that a size comes in. */
    static Stream<PeftConfig> configs() {
        return Stream.of(
                LoraConfig.builder(2, 4)
                        .targetModules("q_proj", "v_proj", "embed_tokens")
                        .rankPattern(Map.of("q_proj", 3))
                        .modulesToSave("lm_head")
                        .build(),
                LoraConfig.builder(2, 4).useDora(true).build(),
                LoraConfig.builder(2, 4).initLoraWeights("pissa").build(),
                VeraConfig.builder().set(VeraConfig.R, 3).build(),
                VeraConfig.builder()
                        .set(VeraConfig.R, 3)
                        .set(VeraConfig.SAVE_PROJECTION, false)
                        .build(),
                LohaConfig.builder(1, 2).rankPattern(Map.of("q_proj", 2)).build(),
                LokrConfig.builder(1, 2)
                        .rankPattern(Map.of("q_proj", 2))
                        .set(LokrConfig.DECOMPOSE_BOTH, true)
                        .set(LokrConfig.DECOMPOSE_FACTOR, 2)
                        .build(),
                Ia3Config.builder().build(),
                BitFitConfig.builder().build(),
                LnTuningConfig.builder().build(),
                TrainableTokensConfig.builder().tokenIndices(25, 14, 4).build(),
                BottleneckConfig.builder()
                        .set(BottleneckConfig.BOTTLENECK_SIZE, 2)
                        .build(),
                PromptTuningConfig.builder(3).build(),
                PTuningConfig.builder(3)
                        .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 8)
                        .build(),
                PTuningConfig.builder(3)
                        .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                        .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 8)
                        .build(),
                PrefixTuningConfig.builder(3).build(),
                PrefixTuningConfig.builder(3)
                        .set(PrefixTuningConfig.PREFIX_PROJECTION, true)
                        .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, 8)
                        .build(),
                AdaptionPromptConfig.builder(3, 2).build());
    }

    @Test
    void everyMethodIsHere() {
        assertThat(configs().map(PeftConfig::peftType).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(PeftMethods.discovered().all().stream()
                        .map(PeftMethod::peftType)
                        .toList());
    }

    private Path save(Model<LanguageHead> base, PeftConfig config) throws IOException {
        Path saved = folder.resolve("adapter");
        PeftModel<?> peft = PeftModel.attach(base, config);
        peft.save(saved);
        peft.unload();
        return saved;
    }

    /** The config with each of its numbers made huge, by the line that it stands in. */
    private static Map<String, String> huge(String config) {
        Map<String, String> variants = new LinkedHashMap<>();
        Matcher number = NUMBER.matcher(config);
        while (number.find()) {
            String line = config.substring(config.lastIndexOf('\n', number.start()) + 1, number.start());
            variants.put(
                    line.strip() + HUGE, config.substring(0, number.start()) + HUGE + config.substring(number.end()));
        }
        return variants;
    }

    /** Some numbers say nothing about sizes, or nothing about those of what was saved: then the adapter loads. */
    @ParameterizedTest
    @MethodSource("configs")
    void aHugeNumberIsRefusedUnlessItChangesNothing(PeftConfig config) throws IOException {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32)) {
            float[] before = ToyOutputs.logits(base);
            Path saved = save(base, config);
            int arrays = base.scope().liveArrays();
            Path file = saved.resolve(AdapterStore.CONFIG);
            for (Map.Entry<String, String> variant :
                    huge(Files.readString(file)).entrySet()) {
                Files.writeString(file, variant.getValue());
                try {
                    PeftModel.load(base, saved).unload();
                } catch (CheckpointException e) {
                    assertThat(e).as(variant.getKey()).hasMessageContaining(saved.toString());
                }
                assertSameBits(variant.getKey(), ToyOutputs.logits(base), before);
                assertThat(base.scope().liveArrays()).as(variant.getKey()).isEqualTo(arrays);
            }
        }
    }

    private static void claim(Path saved, String key, int value) throws IOException {
        Path file = saved.resolve(AdapterStore.CONFIG);
        String text = Files.readString(file);
        String changed = text.replaceFirst("\"" + key + "\": \\d+", "\"" + key + "\": " + value);
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(file, changed);
    }

    @Test
    void theMessageNamesTheSettingAndWhatTheFileHolds() throws IOException {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32)) {
            Path saved = save(base, LoraConfig.builder(2, 4).build());
            claim(saved, "r", Integer.MAX_VALUE);
            assertThatThrownBy(() -> PeftModel.load(base, saved))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(
                            "lora_A.weight has shape [2, 16], the model needs [2147483647, 16]: the config says r = 2147483647");
        }
    }

    @Test
    void aSeedIsNoLicenceForHugeProjections() throws IOException {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32)) {
            Path saved = save(
                    base,
                    VeraConfig.builder()
                            .set(VeraConfig.R, 2)
                            .set(VeraConfig.SAVE_PROJECTION, false)
                            .build());
            claim(saved, "r", 1 << 26);
            assertThatThrownBy(() -> PeftModel.load(base, saved))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("r = 67108864 makes shared projections of 2147483648 numbers");
        }
    }

    /** As in Hugging Face PEFT, which has no encoder where nothing is trained. */
    @Test
    void sizesOfAnEncoderThatIsNotThereSayNothing() throws IOException {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32)) {
            Path saved = save(
                    base,
                    PTuningConfig.builder(3)
                            .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                            .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 8)
                            .build());
            PeftModel<?> peft = PeftModel.load(base, saved);
            float[] expected = ToyOutputs.logits(base);
            peft.unload();
            Files.delete(saved.resolve(PromptTable.ENCODER_FILE));
            claim(saved, "encoder_hidden_size", Integer.MAX_VALUE);
            claim(saved, "encoder_num_layers", Integer.MAX_VALUE);
            PeftModel.load(base, saved);
            assertSameBits("output without the encoder", ToyOutputs.logits(base), expected);
        }
    }

    @Test
    void anEncoderOfAnotherDepthThanItsFileIsRefused() throws IOException {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32)) {
            Path saved = save(
                    base,
                    PTuningConfig.builder(3)
                            .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                            .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 8)
                            .build());
            claim(saved, "encoder_num_layers", 1_000_000);
            assertThatThrownBy(() -> PeftModel.load(base, saved))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("it holds 21 tensors, the config needs 8000005");
        }
    }
}
