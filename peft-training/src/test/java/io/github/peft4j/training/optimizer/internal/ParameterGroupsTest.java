package io.github.peft4j.training.optimizer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.ToyCheckpoint;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterGroupsTest {

    private static final AdamW.Settings RUN = new AdamW.Settings(0.5, 0.25);
    private static final String A = "model.layers.0.self_attn.q_proj.lora_A.default.weight";
    private static final String B = "model.layers.1.self_attn.q_proj.lora_B.default.weight";

    @TempDir
    private Path folder;

    private Anatomy anatomy(String run) throws IOException {
        JsonNode config = Golden.at("runs", run, "config");
        try (Model<?> model = Models.load(ToyCheckpoint.write(folder, config), Device.cpu(), null)) {
            return model.anatomy();
        }
    }

    private Map<String, AdamW.Settings> settings(ParameterGroups groups, String... names) throws IOException {
        return groups.settings(anatomy("llama-full"), List.of(names), RUN, name -> !name.endsWith("bias"));
    }

    private static ParameterGroups groups(ParameterGroup... groups) {
        return new ParameterGroups(List.of(groups), 1);
    }

    @Test
    void withoutGroupsAllWeightsHaveTheRunsSettings() throws IOException {
        assertThat(settings(ParameterGroups.NONE, A, "lm_head.bias"))
                .containsEntry(A, RUN)
                .containsEntry("lm_head.bias", new AdamW.Settings(0.5, 0));
    }

    @Test
    void aWeightIsInTheFirstGroupThatNamesIt() throws IOException {
        assertThat(settings(
                        groups(
                                ParameterGroup.of("lora_B").times(16),
                                ParameterGroup.of("q_proj").at(3).decaying(0)),
                        A,
                        B))
                .containsEntry(B, new AdamW.Settings(8, 0.25))
                .containsEntry(A, new AdamW.Settings(3, 0));
    }

    @Test
    void aGroupsOwnDecayIsForItsBiasesToo() throws IOException {
        assertThat(settings(groups(ParameterGroup.of("head").decaying(0.75)), "lm_head.bias", A))
                .containsEntry("lm_head.bias", new AdamW.Settings(0.5, 0.75))
                .containsEntry(A, RUN);
    }

    @Test
    void ratesGetSmallerFromTheLastBlockDown() throws IOException {
        Map<String, AdamW.Settings> found = settings(
                new ParameterGroups(List.of(), 0.5),
                "model.embed_tokens.weight",
                A,
                B,
                "default:base_model.model.model.layers.1.self_attn.adaption_prompt",
                "default:prompt_embeddings",
                "model.norm.weight",
                "lm_head.weight");
        assertThat(found.values().stream().map(AdamW.Settings::learningRate))
                .containsExactly(0.0625, 0.125, 0.25, 0.25, 0.5, 0.5, 0.5);
    }

    @Test
    void allTablesBelowTheFirstBlockAreTheDeepest() throws IOException {
        List<String> names = List.of(
                "transformer.word_embeddings.weight",
                "transformer.word_embeddings_layernorm.bias",
                "transformer.ln_f.bias");
        assertThat(new ParameterGroups(List.of(), 0.5)
                        .settings(anatomy("bloom-full"), names, RUN, name -> true).values().stream()
                                .map(AdamW.Settings::learningRate))
                .containsExactly(0.0625, 0.0625, 0.5);
    }

    @Test
    void depthChangesAFactorsRateButNoneThatAGroupGives() throws IOException {
        ParameterGroups groups = groups(
                        ParameterGroup.of("lora_B").times(16),
                        ParameterGroup.of("lora_A").at(3))
                .withLayerDecay(0.5);
        assertThat(settings(groups, A, B))
                .containsEntry(A, new AdamW.Settings(3, 0.25))
                .containsEntry(B, new AdamW.Settings(4, 0.25));
    }

    @Test
    void groupsWithoutWeightsAreRefusedAllAtOnce() {
        ParameterGroups groups =
                groups(ParameterGroup.of("lora_[AB]"), ParameterGroup.of("lora_C"), ParameterGroup.of("lora_B"));
        assertThatThrownBy(() -> settings(groups, A, B, B.replace(".1.", ".0.")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter groups do not fit what is trained: \"lora_C\" is found in no name; \"lora_B\" is found only in names"
                                + " that groups before it take. Names are model.layers.N.self_attn.q_proj.lora_A.default.weight,"
                                + " model.layers.N.self_attn.q_proj.lora_B.default.weight");
    }

    @Test
    void aGroupThatIsGivenTwiceIsRefused() {
        assertThatThrownBy(() -> settings(groups(ParameterGroup.of("lora"), ParameterGroup.of("lora")), A))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"lora\" is found only in names that groups before it take");
    }

    @Test
    void aDecayByDepthOfNothingIsRefused() {
        assertThatThrownBy(() -> settings(new ParameterGroups(List.of(), 0.5), "default:prompt_embeddings"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter groups do not fit what is trained: a layer decay of 0.5 changes no rate, as none is in a block or an"
                                + " embedding without a learning rate of its own. Names are default:prompt_embeddings");
    }

    @Test
    void aGroupsFaultsAreToldAllAtOnce() {
        assertThatThrownBy(() -> new ParameterGroup("a(", -1, Double.NaN, -0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter group \"a(\": the pattern is no regular expression: Unclosed group at character 2; the factor of the"
                                + " learning rate must be at least 0, got -1.0; the learning rate must be at least 0, got NaN; the weight decay must"
                                + " be at least 0, got -0.5; a learning rate of its own, NaN, and a factor of the run's, -1.0, exclude each other");
        assertThatThrownBy(() -> ParameterGroups.NONE.withLayerDecay(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer decay must be above 0 and at most 1 (1: none), got 0.0");
    }
}
