package io.github.peft4j.core.internal.held;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is saved beside a new adapter. */
final class WeightsBesideTest extends CarriedWeightsCase {

    private List<String> keysSaved(FakeConfig config) throws IOException {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder.resolve("base"), false))) {
            attach(model, config).save(saved());
        }
        return saved(saved()).keySet().stream()
                .filter(key -> !key.endsWith("fake_factor"))
                .toList();
    }

    @Test
    void anAdapterOnEmbeddingsByNameTakesThemAlong() throws IOException {
        assertThat(keysSaved(FakeConfig.of("embed_tokens", "lm_head", "q_proj")))
                .containsExactlyInAnyOrder(WRAPPED, PREFIX + "lm_head.base_layer.weight");
        assertThat(keysSaved(FakeConfig.of("embed_tokens"))).containsExactly(WRAPPED);
        assertThat(keysSaved(FakeConfig.of("x").targeting(TargetModules.ofPattern(".*(lm_head|q_proj)"))))
                .containsExactly(PREFIX + "lm_head.base_layer.weight");
    }

    @Test
    void anAdapterElsewhereOrByAnotherNameTakesNothingAlong() throws IOException {
        assertThat(keysSaved(FakeConfig.of("q_proj"))).isEmpty();
        assertThat(keysSaved(FakeConfig.of("model.embed_tokens"))).isEmpty();
        assertThat(keysSaved(FakeConfig.of("x").targeting(TargetModules.ofPattern(".*q_proj"))))
                .isEmpty();
    }
}
