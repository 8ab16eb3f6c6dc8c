package io.github.peft4j.methods.ia3;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several IA3 adapters become one. */
class Ia3CombinationTest {

    private static final Map<String, Double> EQUAL = Map.of("default", 0.5, "second", 0.5);

    @TempDir
    private Path folder;

    private Model<LanguageHead> base;

    @BeforeEach
    void load() {
        base = ToyModel.LLAMA.load(folder.resolve("base"), Precision.FLOAT32);
    }

    @AfterEach
    void close() {
        base.close();
    }

    private static Ia3Config.Builder random() {
        return Ia3Config.builder().set(Ia3Config.INIT_IA3_WEIGHTS, false);
    }

    private PeftModel<?> two(Ia3Config first, Ia3Config second) {
        PeftModel<?> peft = PeftModel.attach(base, first);
        peft.add(second, new AttachContext("second", 1, true));
        return peft;
    }

    private static float[] vector(PeftModel<?> peft, String adapter, String layer) {
        return ToyOutputs.values(
                peft.adapter(adapter).parameters().get("base_model.model.model.layers.0." + layer + ".ia3_l"));
    }

    @Test
    void aLayerThatOneAdapterIsNotForCountsAsItIs() {
        PeftModel<?> peft = two(
                random().build(),
                random().targetModules("k_proj", "q_proj").feedforwardModules().build());
        peft.combine("combined", EQUAL, Combination.linear());
        assertThat(((Ia3Config) peft.adapter("combined").config()).targetModules())
                .isEqualTo(TargetModules.named("k_proj", "v_proj", "down_proj", "q_proj"));
        float[] both = vector(peft, "combined", "self_attn.k_proj");
        float[] one = vector(peft, "combined", "mlp.down_proj");
        for (int i = 0; i < both.length; i++) {
            assertThat(both[i])
                    .isEqualTo(0.5f * vector(peft, "default", "self_attn.k_proj")[i]
                            + 0.5f * vector(peft, "second", "self_attn.k_proj")[i]);
        }
        for (int i = 0; i < one.length; i++) {
            assertThat(one[i]).isEqualTo(0.5f * vector(peft, "default", "mlp.down_proj")[i] + 0.5f);
        }
    }

    @Test
    void oneAdapterWithWeightOneIsItselfAgainWithItsLayersTrainedWhole() {
        PeftModel<?> peft = two(random().modulesToSave("lm_head").build(), random().build());
        float[] alone = ToyOutputs.logits(base);
        peft.combine("combined", Map.of("default", 1.0), Combination.linear());
        peft.setActive("combined");
        assertSameBits("logits", ToyOutputs.logits(base), alone);
        assertThat(peft.adapter("combined").parameters())
                .hasSameSizeAs(peft.adapter("default").parameters());
    }

    @Test
    void namesAndAPatternBecomeWholePaths() {
        PeftModel<?> peft = two(
                random().targetModules("v_proj", "down_proj")
                        .feedforwardModules("down_proj")
                        .build(),
                random().targetModules(TargetModules.ofPattern(".*\\.0\\..*up_proj"))
                        .feedforwardModules()
                        .build());
        peft.combine("combined", EQUAL, Combination.linear());
        assertThat(((Ia3Config) peft.adapter("combined").config()).targetModules())
                .isEqualTo(new TargetModules.Named(List.of(
                        "model.layers.0.self_attn.v_proj",
                        "model.layers.0.mlp.down_proj",
                        "model.layers.1.self_attn.v_proj",
                        "model.layers.1.mlp.down_proj",
                        "model.layers.0.mlp.up_proj")));
        assertThat(peft.adapter("combined").parameters()).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"svd", "cat", "magnitude_prune"})
    void otherCombinationsAreRefused(String type) {
        PeftModel<?> peft = two(random().build(), random().build());
        assertThatThrownBy(() -> peft.combine("combined", EQUAL, Combination.named(type, 0.5, 0)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("linear");
        assertThat(peft.names()).containsExactly("default", "second");
    }

    @Test
    void inputsAndOutputsOfOneLayerDoNotGoTogether() {
        PeftModel<?> peft = two(
                random().build(),
                random().targetModules("down_proj").feedforwardModules().build());
        float[] before = ToyOutputs.logits(base);
        assertThatThrownBy(() -> peft.combine("combined", EQUAL, Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.layers.0.mlp.down_proj ('second')")
                .hasMessageContaining("model.layers.1.mlp.down_proj ('second')");
        assertThat(peft.names()).containsExactly("default", "second");
        assertSameBits("logits", ToyOutputs.logits(base), before);
    }
}
