package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several LoRA adapters become one. */
@Tag("golden")
class LoraCombinationTest {

    private static final String UNEQUAL_RANKS = "All adapters must have the same r value when using combination_type"
            + " linear, ties, dare_ties or dare_linear.";

    private static final double CLOSE = 1e-5;

    static IntStream golden() {
        try (GoldenTensors golden = SeveralAdapters.golden()) {
            return IntStream.range(
                    0, SharedGolden.metadata(golden, "combinations").size());
        }
    }

    @ParameterizedTest(name = "combination {0}")
    @MethodSource("golden")
    void eachKindComputesWhatItComputesInPython(int number) throws IOException {
        try (GoldenTensors golden = SeveralAdapters.golden()) {
            JsonNode given = SharedGolden.metadata(golden, "combinations").get(number);
            Map<String, Double> weights = new LinkedHashMap<>();
            given.get(0)
                    .fields()
                    .forEachRemaining(field ->
                            weights.put(field.getKey(), field.getValue().doubleValue()));
            String[] names = weights.keySet().toArray(String[]::new);
            try (Model<LanguageHead> model = SeveralAdapters.baseOf(names[0])) {
                PeftModel<?> peft = SeveralAdapters.on(model, names);
                peft.combine("combined", weights, combination(given.get(1)));
                peft.setActive("combined");
                assertClose(given.toString(), SeveralAdapters.logits(model), golden.floats("combine." + number), CLOSE);
            }
        }
    }

    private static Combination combination(JsonNode options) {
        Combination how = Combination.named(
                options.get("combination_type").textValue(),
                options.has("density") ? options.get("density").doubleValue() : null,
                0);
        if (options.has("svd_rank")) {
            how = how.withSvdRank(options.get("svd_rank").intValue());
        }
        if (options.has("svd_clamp")) {
            how = how.withSvdClamp(options.get("svd_clamp").doubleValue());
        }
        return options.has("majority_sign_method") ? how.withMajoritySign(Combination.MajoritySign.FREQUENCY) : how;
    }

    @Test
    void sideBySideIsWhatTheAdaptersAddUpTo() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second", "third");
            peft.setActive("first", "second", "third");
            float[] together = SeveralAdapters.logits(model);
            peft.combine("one", Map.of("third", 1.0, "first", 1.0, "second", 1.0), Combination.cat());
            assertThat(peft.active()).containsExactly("first", "second", "third");
            assertThat(peft.adapter("one").parameters().values()).noneMatch(Weight::trainable);
            peft.setActive("one");
            assertClose("side by side", SeveralAdapters.logits(model), together, CLOSE);
            LoraConfig config = (LoraConfig) peft.adapter("one").config();
            assertThat(config.r()).isEqualTo(4 + 4 + 3);
            assertThat(config.loraAlpha()).isEqualTo(11);
            assertThat(config.useRslora()).isFalse();
            assertThat(config.rankPattern()).isEmpty();
            assertThat(String.valueOf(config.settings().get("target_modules")))
                    .isEqualTo("[down_proj, embed_tokens, o_proj, q_proj, v_proj]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "cat", "svd"})
    void oneAdapterOfWeightOneIsItselfAgain(String type) throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "third");
            float[] alone = SeveralAdapters.logits(model);
            peft.combine("again", Map.of("third", 1.0), Combination.named(type, null, 0));
            peft.setActive("again");
            assertClose(type, SeveralAdapters.logits(model), alone, CLOSE);
            peft.combine("less", Map.of("third", -1.0), Combination.named(type, null, 0));
            peft.setActive("third", "less");
            float[] cancelled = SeveralAdapters.logits(model);
            peft.deactivate();
            assertClose("negated", cancelled, SeveralAdapters.logits(model), CLOSE);
        }
    }

    @Test
    void chanceFollowsTheSeed() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second");
            Map<String, Double> weights = Map.of("first", 0.5, "second", 0.5);
            for (Combination how : List.of(
                    Combination.dareLinear(0.5, 1), Combination.dareTies(0.5, 1).bySvd())) {
                peft.combine("a", weights, how);
                peft.combine("b", weights, how);
                peft.combine("c", weights, Combination.named(how.type(), 0.5, 2));
                peft.setActive("a");
                float[] a = SeveralAdapters.logits(model);
                peft.setActive("b");
                assertSameBits("same seed", SeveralAdapters.logits(model), a);
                peft.setActive("c");
                assertDiffers("another seed", SeveralAdapters.logits(model), a);
                List.of("a", "b", "c").forEach(peft::delete);
            }
        }
    }

    @Test
    void whatIsKeptByChanceIsScaledUp() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first");
            float[] all = factor(peft, "first");
            int kept = 0;
            int times = 200;
            for (int seed = 0; seed < times; seed++) {
                peft.combine("thin", Map.of("first", 0.5), Combination.dareLinear(0.25, seed));
                float[] some = factor(peft, "thin");
                for (int i = 0; i < some.length; i++) {
                    kept += some[i] != 0 ? 1 : 0;
                    assertThat(some[i] == 0 || Math.abs(some[i] - 4 * all[i]) < 1e-5)
                            .isTrue();
                }
                peft.delete("thin");
            }
            assertThat((double) kept / times / all.length).isBetween(0.24, 0.26);
        }
    }

    private static float[] factor(PeftModel<?> peft, String name) {
        Weight a =
                peft.adapter(name).parameters().get("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
        return a.scope().kernels().toFloats(a.array());
    }

    @Test
    void whatItMakesIsSavedAndLoadedAsAnyAdapter(@TempDir Path folder) throws IOException {
        float[] expected;
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "third");
            peft.combine(
                    "both",
                    Map.of("first", 0.5, "third", 2.0),
                    Combination.svd().withSvdRank(20));
            peft.setActive("both");
            expected = SeveralAdapters.logits(model);
            peft.save(folder, List.of("both"));
        }
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel.load(model, folder.resolve("both"));
            assertClose("loaded", SeveralAdapters.logits(model), expected, 0);
        }
    }

    private static PeftModel<?> attached(Model<LanguageHead> model, LoraConfig... configs) {
        PeftModel<?> peft = PeftModel.attach(model, configs[0], new AttachContext("a0", 0, true));
        for (int i = 1; i < configs.length; i++) {
            peft.add(configs[i], new AttachContext("a" + i, i, true));
        }
        return peft;
    }

    private static LoraConfig.Builder lora(int rank) {
        return LoraConfig.builder(rank, 2 * rank).initLoraWeights(false);
    }

    private static void assertSum(Model<LanguageHead> model, PeftModel<?> peft, String... names) {
        peft.setActive(names[0], Arrays.copyOfRange(names, 1, names.length));
        float[] together = SeveralAdapters.logits(model);
        Map<String, Double> ones = new LinkedHashMap<>();
        List.of(names).forEach(name -> ones.put(name, 1.0));
        peft.combine("one", ones, Combination.cat());
        peft.setActive("one");
        assertClose("combined", SeveralAdapters.logits(model), together, CLOSE);
    }

    @Test
    void layersThatOnlyOneOfThemIsForAreAllThere() {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = attached(
                    model,
                    lora(2).targetModules("q_proj").layersToTransform(0).build(),
                    lora(2).targetModules("q_proj", "v_proj")
                            .excludeModules("layers.0.self_attn.v_proj")
                            .build());
            assertSum(model, peft, "a0", "a1");
        }
    }

    @Test
    void patternsAreJoined() {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = attached(
                    model,
                    lora(2).targetModules(io.github.peft4j.core.config.TargetModules.ofPattern(".*q_proj"))
                            .build(),
                    lora(2).targetModules(io.github.peft4j.core.config.TargetModules.ofPattern(".*0.*up_proj"))
                            .build());
            assertSum(model, peft, "a0", "a1");
            LoraConfig config = (LoraConfig) peft.adapter("one").config();
            assertThat(config.settings()).containsEntry("target_modules", "(.*q_proj)|(.*0.*up_proj)");
        }
    }

    @Test
    void whatWasTakenOutOfTheBaseWeightsBelongsToTheAdapter() {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = attached(
                    model,
                    LoraConfig.builder(2, 4)
                            .targetModules("q_proj")
                            .initLoraWeights("pissa")
                            .build(),
                    lora(3).targetModules("q_proj").build());
            peft.adapter("a0")
                    .parameters()
                    .values()
                    .forEach(weight -> weight.scope().kernels().scaleInto(weight.array(), 1.5));
            assertSum(model, peft, "a0", "a1");
            LoraConfig config = (LoraConfig) peft.adapter("one").config();
            assertThat(config.r()).isEqualTo(4 + 3);
            assertThat(config.initLoraWeights()).isEqualTo("true");
        }
    }

    @Test
    void aSecondAdapterThatTrainsTheModelsBiasesIsRefused() {
        try (Model<LanguageHead> model = SeveralAdapters.baseOf("gpt2")) {
            PeftModel<?> peft = attached(
                    model,
                    lora(2).targetModules("c_attn").bias(LayerSettings.Bias.ALL).build(),
                    lora(2).targetModules("c_attn").build());
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> peft.combine("one", Map.of("a0", 1.0, "a1", 1.0), Combination.cat()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("LoraModel supports only 1 adapter with bias.");
            assertThat(peft.names()).containsExactly("a0", "a1");
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void biasesOfBAndLayersTrainedWholeComeAlong() {
        try (Model<LanguageHead> model = SeveralAdapters.baseOf("gpt2")) {
            PeftModel<?> peft = attached(
                    model,
                    lora(2).targetModules("c_attn").loraBias(true).build(),
                    lora(2).targetModules("c_attn").modulesToSave("ln_f").build());
            for (String name : List.of("a0", "a1")) {
                peft.adapter(name)
                        .trainable()
                        .values()
                        .forEach(weight -> weight.scope().kernels().scaleInto(weight.array(), 1.3));
            }
            assertSum(model, peft, "a0", "a1");
        }
    }

    @Test
    void twoThatTrainTheSameLayerWholeAreRefused() {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            LoraConfig config =
                    lora(2).targetModules("q_proj").modulesToSave("lm_head").build();
            PeftModel<?> peft = attached(model, config, config);
            assertThatThrownBy(() -> peft.combine("one", Map.of("a0", 1.0, "a1", 1.0), Combination.cat()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Cannot add weighted adapters if they target the same module with modules_to_save, but"
                            + " found 1 such instance(s): [lm_head]");
            assertThat(peft.names()).containsExactly("a0", "a1");
        }
    }

    @Test
    void unequalRanksAndDoraAreRefused() {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = attached(
                    model,
                    lora(2).targetModules("q_proj").build(),
                    lora(3).targetModules("q_proj").build(),
                    lora(2).targetModules("q_proj", "v_proj")
                            .rankPattern(Map.of("v_proj", 1))
                            .build(),
                    lora(2).targetModules("v_proj").build(),
                    lora(2).targetModules("q_proj").useDora(true).build());
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> peft.combine("one", Map.of("a0", 1.0, "a1", 1.0), Combination.ties(0.5)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(UNEQUAL_RANKS + " They are [2, 3].");
            assertThatThrownBy(() -> peft.combine("one", Map.of("a2", 1.0, "a3", 1.0), Combination.linear()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(UNEQUAL_RANKS + " At model.layers.0.self_attn.v_proj they are [1, 2].");
            assertThatThrownBy(() -> peft.combine("one", Map.of("a0", 1.0, "a4", 1.0), Combination.cat()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "adapter 'a4' uses DoRA, which stretches whole weights: merge it instead of combining it");
            assertThat(peft.names()).hasSize(5);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }
}
