package io.github.peft4j.core.internal.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.Toy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewBiasesTest {

    @TempDir
    private Path folder;

    @Test
    void aModelWithoutNewBiasesNeedsNothing() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false));
                Scope scope = model.scope().child()) {
            NewBiases none = NewBiases.of(model, Set.of("lm_head.weight", "model.norm.weight"), scope);
            assertThat(none.flags()).isEmpty();
            assertThat(none.zeros()).isEmpty();
        }
    }

    @Test
    void theKeyOfALayerGivesZerosToAllOthersOfTheKey() {
        String attention = "model.layers.0.self_attn.";
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false));
                Scope scope = model.scope().child()) {
            NewBiases biases = NewBiases.of(
                    model, Set.of(attention + "q_proj.bias", attention + "o_proj.bias", "lm_head.weight"), scope);
            assertThat(biases.flags()).isEqualTo(Map.of("attention_bias", true));
            String other = "model.layers.1.self_attn.";
            assertThat(biases.zeros())
                    .containsOnlyKeys(
                            attention + "k_proj.bias",
                            attention + "v_proj.bias",
                            other + "q_proj.bias",
                            other + "k_proj.bias",
                            other + "v_proj.bias",
                            other + "o_proj.bias");
            Weight keys = biases.zeros().get(other + "k_proj.bias");
            assertThat(keys.array().toFloatArray()).containsExactly(new float[8]);
        }
    }

    @Test
    void layersWhoseBiasesTheArchitectureCannotHoldAreNamed() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false));
                Scope scope = model.scope().child()) {
            assertThatThrownBy(() -> NewBiases.of(model, Set.of("model.norm.bias", "lm_head.bias"), scope))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("a LlamaForCausalLM checkpoint cannot hold biases of model.norm and 1 other layers: its"
                            + " architecture has none there, and no setting that adds them. Keep the adapter apart, or"
                            + " train biases of other layers");
        }
    }
}
