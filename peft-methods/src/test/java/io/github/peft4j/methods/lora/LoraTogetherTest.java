package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Adapters that are active and merged together, and what is said of them, as in Hugging Face PEFT. */
class LoraTogetherTest {

    @Test
    void activeAndMergedByNameTheyComputeWhatTheyDoInPython() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base();
                GoldenTensors golden = SeveralAdapters.golden()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second", "third");
            peft.setActive("first", "second");
            assertClose("active", SeveralAdapters.logits(model), golden.floats("active"), 1e-5);
            peft.merge("second", "third");
            assertClose("merged", SeveralAdapters.logits(model), golden.floats("merged"), 1e-5);
            assertThat(peft.active()).containsExactly("second", "third");
        }
    }

    @Test
    void theStatusSaysWhatItSaysInPython() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base();
                GoldenTensors golden = SeveralAdapters.golden()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second");
            peft.setTrainable("first");
            JsonNode status = SharedGolden.metadata(golden, "status");
            assertStatus(peft, status.get("trained"));
            peft.merge("first");
            assertStatus(peft, status.get("merged"));
        }
    }

    private static void assertStatus(PeftModel<?> peft, JsonNode expected) {
        ModelStatus status = peft.status();
        JsonNode model = expected.get("model");
        assertThat(status.baseModelType())
                .isEqualTo(model.get("base_model_type").textValue());
        assertThat(status.peftTypes()).hasToString("{first=LORA, second=LORA}");
        assertThat(status.parameters().trainable())
                .isEqualTo(model.get("trainable_params").longValue());
        assertThat(status.parameters().all())
                .isEqualTo(model.get("total_params").longValue());
        assertThat(status.adapterLayers())
                .isEqualTo(model.get("num_adapter_layers").intValue());
        assertThat(status.enabled()).isEqualTo(model.get("enabled").booleanValue());
        assertThat(status.activeAdapters()).isEqualTo(SeveralAdapters.texts(model.get("active_adapters")));
        assertThat(status.mergedAdapters()).isEqualTo(SeveralAdapters.texts(model.get("merged_adapters")));
        assertThat(status.availableAdapters()).isEqualTo(SeveralAdapters.texts(model.get("available_adapters")));
        assertTrained(status.requiresGrad(), model.get("requires_grad"));
        assertThat(status.devices()).hasToString("{first=[cpu], second=[cpu]}");
        JsonNode layers = expected.get("layers");
        assertThat(status.layers())
                .hasSameSizeAs(layers)
                .isEqualTo(peft.status().layers());
        for (int i = 0; i < layers.size(); i++) {
            ModelStatus.OfLayer layer = status.layers().get(i);
            JsonNode given = layers.get(i);
            assertThat("model." + layer.path()).isEqualTo(given.get("name").textValue());
            assertThat("lora." + layer.layerType())
                    .isEqualTo(given.get("module_type").textValue());
            assertThat(layer.enabled()).isEqualTo(given.get("enabled").booleanValue());
            assertThat(layer.activeAdapters()).isEqualTo(SeveralAdapters.texts(given.get("active_adapters")));
            assertThat(layer.mergedAdapters()).isEqualTo(SeveralAdapters.texts(given.get("merged_adapters")));
            assertThat(layer.availableAdapters()).isEqualTo(SeveralAdapters.texts(given.get("available_adapters")));
            assertTrained(layer.requiresGrad(), given.get("requires_grad"));
            assertThat(layer.devices().keySet()).containsExactlyElementsOf(layer.availableAdapters());
        }
    }

    private static void assertTrained(java.util.Map<String, ModelStatus.Trained> trained, JsonNode expected) {
        assertThat(trained).hasSize(expected.size());
        trained.forEach((name, value) -> assertThat(value)
                .isEqualTo(expected.get(name).booleanValue() ? ModelStatus.Trained.YES : ModelStatus.Trained.NO));
    }

    @Test
    void aPartlyTrainedAdapterIsIrregular() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first");
            peft.adapter("first")
                    .parameters()
                    .get("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
                    .setTrainable(true);
            assertThat(peft.status().layers().get(0).requiresGrad())
                    .containsEntry("first", ModelStatus.Trained.IRREGULAR);
            assertThat(peft.status().layers().get(1).requiresGrad()).containsEntry("first", ModelStatus.Trained.NO);
            assertThat(peft.status().requiresGrad()).containsEntry("first", ModelStatus.Trained.IRREGULAR);
            assertThat(List.copyOf(peft.status().devices().values())).containsExactly(List.of("cpu"));
        }
    }
}
