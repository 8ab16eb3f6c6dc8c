package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.held.AdapterModules;
import io.github.peft4j.core.internal.held.CarriedWeights;
import io.github.peft4j.core.internal.held.HeldAdapter;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a model with adapters says of its parameters and layers. */
final class PeftModelReportTest extends AdaptedToy {

    @Test
    void parametersAreCountedAsHuggingFaceCountsThem() {
        // peft 0.21.2 on this architecture: 5,200 in all with 256 of LoRA, so 4,944 without.
        assertThat(model.parameterCount()).isEqualTo(4944);
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head"));
        int own = 2 * 16;
        int copy = 32 * 16;
        assertThat(peft.parameterReport()).isEqualTo(new ModelStatus.Parameters(own + copy, 4944 + own + copy));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        assertThat(peft.parameterReport()).isEqualTo(new ModelStatus.Parameters(own + copy, 4944 + own + copy + 16));
        peft.setTrainable();
        assertThat(peft.parameterReport())
                .hasToString("trainable params: 0 || all params: 5,504 || trainable%: 0.0000");
    }

    @Test
    void aLayerThatStandsInThePlaceOfAnotherIsNotCountedBesideIt() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        ModelStatus.Parameters before = peft.parameterReport();
        Substitute substitute = BaseModules.of(model)
                .substitute(
                        "lm_head",
                        base -> base.withWeights(weight -> new Weight(
                                weight.name(),
                                weight.scope().kernels().copy(weight.array()),
                                weight.precision(),
                                weight.scope(),
                                false)));
        assertThat(peft.parameterReport()).isEqualTo(before);
        substitute.use(false);
        assertThat(peft.parameterReport()).isEqualTo(before);
    }

    @Test
    void theReportReadsAsHuggingFacesDoes() {
        assertThat(new ModelStatus.Parameters(448, 6736))
                .hasToString("trainable params: 448 || all params: 6,736 || trainable%: 6.6508");
        assertThat(new ModelStatus.Parameters(0, 0))
                .hasToString("trainable params: 0 || all params: 0 || trainable%: 0.0000");
    }

    @Test
    void theStatusSaysWhereAdaptersSit() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head"));
        peft.add(FakeConfig.of("v_proj", "lm_head"), named("b"));
        peft.mergeActive();
        assertThat(peft.status().adapters())
                .element(0)
                .satisfies(status -> assertThat(status.modules())
                        .containsEntry("model.layers.1.self_attn.q_proj", List.of("fake_factor"))
                        .containsEntry("lm_head", List.of("weight"))
                        .hasSize(3));
        assertThat(peft.status()).asString().isEqualTo("""
                        LlamaForCausalLM with 2 adapters
                        default: FAKE, active, trainable, merged, 544 parameters
                          lm_head: weight
                          model.layers.N.self_attn.q_proj: fake_factor x 2
                        b: FAKE, not active, frozen, 48 parameters
                          lm_head: fake_factor
                          model.layers.N.self_attn.v_proj: fake_factor x 2""");
        peft.unload();
        assertThat(peft.status()).asString().isEqualTo("LlamaForCausalLM with 0 adapters");
    }

    @Test
    void parametersOfNoModuleBelongToTheModelItself() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        HeldAdapter held = new HeldAdapter(
                "p",
                new ForwardingAdapter(peft.adapter(), "prompt_embeddings"),
                java.util.Map.of(),
                new CarriedWeights(model),
                null);
        assertThat(AdapterModules.status(held, BaseModules.of(model)))
                .hasToString("p: FAKE, active, trainable, 16 parameters\n  (model): prompt_embeddings");
    }

    @Test
    void theLayersOfAPromptAreFoundUnderItsShorterPrefix() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        HeldAdapter held = new HeldAdapter(
                "p",
                new ForwardingAdapter(peft.adapter(), "base_model.model.norm.weight"),
                java.util.Map.of(),
                new CarriedWeights(model),
                null);
        assertThat(AdapterModules.status(held, BaseModules.of(model)))
                .hasToString("p: FAKE, active, trainable, 16 parameters\n  model.norm: weight");
    }

    /** One adapter's first parameter under another key. */
    private record ForwardingAdapter(Adapter other, String key) implements Adapter {
        @Override
        public PeftConfig config() {
            return other.config();
        }

        @Override
        public java.util.Map<String, Weight> parameters() {
            return java.util.Map.of(key, other.parameters().values().iterator().next());
        }

        @Override
        public void setEnabled(boolean enabled) {
            other.setEnabled(enabled);
        }

        @Override
        public boolean isEnabled() {
            return other.isEnabled();
        }

        @Override
        public void remove() {
            other.remove();
        }
    }
}
