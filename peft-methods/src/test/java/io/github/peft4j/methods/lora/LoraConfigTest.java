package io.github.peft4j.methods.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.lora.internal.LoraMethod;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraConfigTest extends LoraConfigCase {

    private static LoraConfig.Builder plain(String... targets) {
        LoraConfig.Builder builder = LoraConfig.builder(4, 8).initLoraWeights(false);
        return targets.length == 0 ? builder : builder.targetModules(targets);
    }

    private static Map<String, Integer> ranks() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("q_proj", 5);
        ranks.put("layers.1.mlp.down_proj", 3);
        return ranks;
    }

    private static Map<String, Number> alphas() {
        Map<String, Number> alphas = new LinkedHashMap<>();
        alphas.put("^model.layers.0.self_attn.q_proj", 3);
        alphas.put("up_proj", 7.5);
        return alphas;
    }

    private static CommonSettings revised() {
        return new CommonSettings(
                TaskType.CAUSAL_LM, null, "main", false, null, CommonSettings.PEFT_VERSION, Map.of(), false);
    }

    /** The settings of {@code tools/golden_lora.py}, said in Java. */
    static Stream<Arguments> settings() {
        TargetModules allLinear = new TargetModules.AllLinear();
        return Map.<String, LoraConfig.Builder>ofEntries(
                        Map.entry("llama-plain", plain("q_proj", "v_proj")),
                        Map.entry("mistral-default", LoraConfig.builder(4, 16).initLoraWeights(false)),
                        Map.entry(
                                "qwen2-regex",
                                plain().targetModules(TargetModules.ofPattern(".*\\.(q_proj|up_proj)"))
                                        .common(revised())),
                        Map.entry(
                                "bloom-plain",
                                LoraConfig.builder(3, 5.5)
                                        .initLoraWeights(false)
                                        .targetModules("query_key_value", "dense_4h_to_h")),
                        Map.entry("gpt2-default", plain()),
                        Map.entry(
                                "llama-all-linear",
                                LoraConfig.builder(2, 8)
                                        .initLoraWeights(false)
                                        .targetModules(allLinear)
                                        .rankPattern(ranks())
                                        .alphaPattern(alphas())),
                        Map.entry(
                                "gpt2-all-linear",
                                LoraConfig.builder(2, 8).initLoraWeights(false).targetModules(allLinear)),
                        Map.entry(
                                "llama-rslora",
                                LoraConfig.builder(8, 6)
                                        .initLoraWeights(false)
                                        .useRslora(true)
                                        .targetModules("q_proj", "k_proj", "o_proj")),
                        Map.entry("gpt2-dora", plain("c_attn", "mlp.c_proj").useDora(true)),
                        Map.entry("qwen2-lora-bias", plain("q_proj", "v_proj").loraBias(true)),
                        Map.entry("bloom-bias-all", plain("query_key_value").bias(LayerSettings.Bias.ALL)),
                        Map.entry(
                                "qwen2-bias-lora-only",
                                plain("q_proj", "v_proj", "o_proj").bias(LayerSettings.Bias.ADAPTED)),
                        Map.entry("gpt2-modules-to-save", plain("c_attn").modulesToSave("lm_head", "ln_f")),
                        Map.entry(
                                "llama-layers",
                                plain("q_proj", "v_proj", "down_proj")
                                        .layersToTransform(1)
                                        .layersPattern(OneOrMany.one("layers"))
                                        .excludeModules("v_proj")),
                        Map.entry(
                                "bloom-one-layer",
                                plain().layersToTransform(OneOrMany.one(0))
                                        .excludeModules(TargetModules.ofPattern(".*mlp.*"))),
                        Map.entry("llama-dropout", plain("q_proj", "v_proj").loraDropout(0.05)),
                        Map.entry(
                                "gpt2-pissa",
                                plain("c_attn").initLoraWeights("pissa").useRslora(true)),
                        Map.entry("llama-olora", plain("q_proj", "down_proj").initLoraWeights("olora")))
                .entrySet()
                .stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue().build()));
    }

    private static String attachedJson(Model<LanguageHead> model, LoraConfig config) {
        String name = "toy/" + model.anatomy().modelType();
        CommonSettings common = config.common().withBaseModel(name);
        Adapter adapter = new LoraMethod()
                .attach(
                        model,
                        config.toBuilder()
                                .common(common.ofModel() ? common.withTaskType(TaskType.CAUSAL_LM) : common)
                                .build(),
                        AttachContext.of(0));
        return AdapterStore.json(adapter.config());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void anAttachedAdaptersConfigIsTheFileThatPythonWrites(String name, LoraConfig config) {
        GoldenCase golden = new GoldenCase(name);
        try (Model<LanguageHead> model = golden.base()) {
            assertThat(attachedJson(model, config)).isEqualTo(ConfigText.sorted(golden.configText()));
        }
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() throws IOException {
        String text = Files.readString(GoldenCase.ROOT.resolve("defaults").resolve(AdapterStore.CONFIG));
        LoraConfig read = read(Map.of());
        assertThat(read.common().taskType()).isNull();
        LoraConfig built = LoraConfig.builder(LoraConfig.R.otherwise(), LoraConfig.LORA_ALPHA.otherwise())
                .common(read.common())
                .build();
        assertThat(read).isEqualTo(built);
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            String ours = attachedJson(model, read).replaceFirst("\"auto_mapping\": null", "\"auto_mapping\": {}");
            String theirs =
                    ConfigText.sorted(text).replaceFirst("(?s)\"auto_mapping\": \\{.*?\\}", "\"auto_mapping\": {}");
            assertThat(ours).isEqualTo(theirs);
        }
    }

    @Test
    void settingsAsTypedAreRead() {
        LoraConfig config = readSettings(Map.ofEntries(
                Map.entry("r", "16"),
                Map.entry("lora_alpha", "32"),
                Map.entry("lora_dropout", "0.05"),
                Map.entry("target_modules", "q_proj,v_proj"),
                Map.entry("exclude_modules", "layers.0.self_attn.q_proj"),
                Map.entry("layers_to_transform", "0,1"),
                Map.entry("layers_pattern", "layers"),
                Map.entry("rank_pattern", "q_proj:4"),
                Map.entry("alpha_pattern", "v_proj:2.5"),
                Map.entry("use_rslora", "true"),
                Map.entry("init_lora_weights", "gaussian"),
                Map.entry("modules_to_save", "lm_head"),
                Map.entry("bias", "lora_only"),
                Map.entry("task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(LoraConfig.builder(16, 32)
                        .loraDropout(0.05)
                        .targetModules("q_proj", "v_proj")
                        .excludeModules("layers.0.self_attn.q_proj")
                        .layersToTransform(0, 1)
                        .layersPattern(OneOrMany.one("layers"))
                        .rankPattern(Map.of("q_proj", 4))
                        .alphaPattern(Map.of("v_proj", 2.5))
                        .useRslora(true)
                        .initLoraWeights("gaussian")
                        .modulesToSave("lm_head")
                        .bias(LayerSettings.Bias.ADAPTED)
                        .build());
    }

    @Test
    void numbersAreWrittenAsTheyWereRead() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("lora_alpha", 16.0);
        values.put("alpha_pattern", Map.of("a", 2));
        values.put("layers_to_transform", 3);
        Map<String, Object> settings = read(values).settings();
        assertThat(settings.get("lora_alpha")).isEqualTo(16.0);
        assertThat(settings.get("alpha_pattern")).isEqualTo(Map.of("a", 2));
        assertThat(settings.get("layers_to_transform")).isEqualTo(3);
        assertThat(read(Map.of("lora_alpha", 16)).settings().get("lora_alpha")).isEqualTo(16);
        assertThat(read(Map.of("layers_to_transform", List.of(3))).settings().get("layers_to_transform"))
                .isEqualTo(List.of(3));
    }

    @Test
    void keysWithoutEffectAndUnknownOnesAreKept() {
        Map<String, Object> values = Map.of("megatron_core", "other", "qalora_group_size", 32, "from_the_future", 1);
        assertThat(AdapterStore.json(read(values)))
                .contains("\"megatron_core\": \"other\"", "\"qalora_group_size\": 32", "\"from_the_future\": 1");
    }

    @Test
    void keysOfFeaturesThatAreOffPass() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("target_parameters", List.of());
        values.put("loftq_config", Map.of());
        values.put("use_qalora", false);
        values.put("eva_config", null);
        values.put("layer_replication", List.of());
        values.put("alora_invocation_tokens", List.of());
        values.put("megatron_config", Map.of());
        values.put("layers_pattern", "");
        values.put("exclude_modules", "");
        assertThatCode(() -> read(values)).doesNotThrowAnyException();
    }

    /** They say nothing about factors that were saved; PEFT empties LoftQ's, and keeps the others. */
    @Test
    void settingsOfWaysToBeginAreWrittenBackAsPeftDoes() {
        Map<String, Object> values = Map.of(
                "eva_config",
                Map.of("rho", 2.0),
                "corda_config",
                Map.of("verbose", false),
                "lora_ga_config",
                Map.of("direction", "ArB2r"),
                "loftq_config",
                Map.of("loftq_bits", 4));
        assertThat(read(values).settings())
                .containsEntry("eva_config", Map.of("rho", 2.0))
                .containsEntry("corda_config", Map.of("verbose", false))
                .containsEntry("lora_ga_config", Map.of("direction", "ArB2r"))
                .containsEntry("loftq_config", Map.of());
        assertThatThrownBy(() -> readSettings(Map.of("eva_config", "{}")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("settings sets eva_config=\"{}\", which this version does not implement");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eva", "lora_ga", "mica"})
    void newFactorsCannotBeginInEveryWayThatSavedOnesDid(String start) throws IOException {
        LoraConfig config = read(Map.of("init_lora_weights", start, "target_modules", List.of("q_proj")));
        assertThat(config.settings()).containsEntry("init_lora_weights", start);
        try (Model<LanguageHead> model = new GoldenCase("llama-plain").base()) {
            Map<String, ?> modules = model.modulesByPath();
            assertThatThrownBy(() -> PeftModel.attach(model, config))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("init_lora_weights=\"" + start
                            + "\" is not implemented for new adapters, only for those that began so elsewhere");
            assertThat(model.modulesByPath()).isEqualTo(modules);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false", "gaussian", "pissa", "pissa_niter_16", "olora", "OLoRA", "orthogonal"})
    void everyWayToBeginIsWrittenAsItWasRead(String name) {
        Object value = name.equals("true") || name.equals("false") ? (Object) Boolean.valueOf(name) : name;
        assertThat(read(Map.of("init_lora_weights", value)).settings().get("init_lora_weights"))
                .isEqualTo(value);
    }

    @Test
    void aChangedCopyKeepsTheRest() {
        LoraConfig config = settings()
                .map(arguments -> (LoraConfig) arguments.get()[1])
                .filter(given -> !given.rankPattern().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.withCommon(config.common().withBaseModel("x"))
                        .common()
                        .baseModel())
                .isEqualTo("x");
    }

    @Test
    void theValuesOfBiasAreThree() {
        Map.of(
                        LayerSettings.Bias.NONE, "none",
                        LayerSettings.Bias.ALL, "all",
                        LayerSettings.Bias.ADAPTED, "lora_only")
                .forEach((bias, name) -> {
                    LoraConfig config = LoraConfig.builder(1, 1).bias(bias).build();
                    assertThat(config.settings()).containsEntry("bias", name);
                    assertThat(read(Map.of("bias", name)).bias()).isEqualTo(bias);
                });
    }
}
