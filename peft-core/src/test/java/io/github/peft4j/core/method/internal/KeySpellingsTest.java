package io.github.peft4j.core.method.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.method.internal.KeySpellings.Kind;
import io.github.peft4j.core.method.internal.KeySpellings.Meaning;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KeySpellingsTest {

    private static final String HEAD = "base_model.model.lm_head.weight";

    private static final KeySpellings SPELLINGS = new KeySpellings(
            Set.of(
                    "base_model.model.q.lora_A.weight",
                    "base_model.model.q.lora_B.bias",
                    "base_model.model.q.lora_magnitude_vector",
                    "base_model.model.wte.lora_embedding_A",
                    "base_model.model.mlp.gate_proj.weight",
                    "base_model.vera_A",
                    "prompt_embeddings",
                    HEAD),
            Map.of("base_model.model.q.vera_A", "base_model.vera_A"),
            key -> key.equals(HEAD) || key.endsWith("gate_proj.weight"));

    @ParameterizedTest
    @CsvSource({
        "base_model.model.q.lora_A.weight, base_model.model.q.lora_A.weight,",
        "q.lora_A.weight, base_model.model.q.lora_A.weight,",
        "base_model.model.q.lora_A.default.weight, base_model.model.q.lora_A.weight, default",
        "q.lora_A.default.weight, base_model.model.q.lora_A.weight, default",
        "base_model.model.q.lora_B.mine.bias, base_model.model.q.lora_B.bias, mine",
        "base_model.model.q.lora_magnitude_vector.weight, base_model.model.q.lora_magnitude_vector,",
        "base_model.model.q.lora_magnitude_vector.default, base_model.model.q.lora_magnitude_vector, default",
        "base_model.model.q.lora_magnitude_vector.default.weight, base_model.model.q.lora_magnitude_vector, default",
        "base_model.model.wte.lora_embedding_A.default, base_model.model.wte.lora_embedding_A, default",
        "base_model.vera_A.default, base_model.vera_A, default",
        "prompt_embeddings, prompt_embeddings,",
    })
    void aNameMeansAKeyInEverySpellingOfPeft(String name, String key, String adapter) {
        assertThat(SPELLINGS.of(name)).isEqualTo(new Meaning(key, adapter, Kind.OWN));
    }

    @ParameterizedTest
    @CsvSource({
        "base_model.model.lm_head.modules_to_save.weight, base_model.model.lm_head.weight,",
        "base_model.model.lm_head.modules_to_save.default.weight, base_model.model.lm_head.weight, default",
        "base_model.model.mlp.modules_to_save.default.gate_proj.weight, base_model.model.mlp.gate_proj.weight, default",
        "mlp.modules_to_save.gate_proj.weight, base_model.model.mlp.gate_proj.weight,",
    })
    void aTrainedCopyMayStandThereUnderItsOwnName(String name, String key, String adapter) {
        assertThat(SPELLINGS.of(name)).isEqualTo(new Meaning(key, adapter, Kind.COPY));
    }

    @Test
    void anAliasMeansACopy() {
        assertThat(SPELLINGS.of("base_model.model.q.vera_A.default"))
                .isEqualTo(new Meaning("base_model.vera_A", "default", Kind.COPY));
        assertThat(SPELLINGS.of("q.vera_A")).isEqualTo(new Meaning("base_model.vera_A", null, Kind.COPY));
    }

    @Test
    void whatATrainedCopyReplacesIsKnown() {
        assertThat(SPELLINGS.of("base_model.model.lm_head.original_module.weight"))
                .isEqualTo(new Meaning(HEAD, null, Kind.REPLACED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_model.model.k.lora_A.weight",
                "base_model.model.q.lora_A.default.deep.weight",
                "base_model.model.q.lora_A.weight.absmax",
                "base_model.model.q.lora_A",
                "base_model.model.q.base_layer.weight",
                "base_model.model.lm_head.base_layer.weight",
                "base_model.model.lm_head.ln_tuning_layers.weight",
                "base_model.model.k.modules_to_save.weight",
                "base_model.model.k.original_module.weight",
                "base_model.model.mlp.modules_to_save.default",
                "modules_to_save.weight",
                "weight",
                "",
                ".",
                ".modules_to_save."
            })
    void otherNamesMeanNone(String name) {
        assertThat(SPELLINGS.of(name)).isNull();
    }
}
