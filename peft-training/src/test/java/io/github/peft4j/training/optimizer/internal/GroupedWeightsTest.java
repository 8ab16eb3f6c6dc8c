package io.github.peft4j.training.optimizer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.ToyCheckpoint;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupedWeightsTest {

    private static final AdamW.Settings RUN = new AdamW.Settings(0.5, 0.25);
    private static final String A = "model.layers.0.self_attn.q_proj.lora_A.default.weight";
    private static final String B = "model.layers.1.self_attn.q_proj.lora_B.default.weight";

    @TempDir
    private Path folder;

    private Depth depth(String run) throws IOException {
        JsonNode config = Golden.at("runs", run, "config");
        try (Model<?> model = Models.load(ToyCheckpoint.write(folder, config), Device.cpu(), null)) {
            return Depth.in(model);
        }
    }

    private Map<String, AdamW.Settings> settings(ParameterGroups groups, String... names) throws IOException {
        return settings("llama-full", groups, names);
    }

    private Map<String, AdamW.Settings> settings(String run, ParameterGroups groups, String... names)
            throws IOException {
        Map<String, GroupedWeights.Traits> traits = new LinkedHashMap<>();
        for (String name : names) {
            Adapter.Factor factor = name.contains("lora_B")
                    ? Adapter.Factor.SECOND
                    : name.contains("lora_embedding") ? Adapter.Factor.OF_EMBEDDING : null;
            boolean bias = name.endsWith("bias");
            int dimensions = bias || name.contains("norm") ? 1 : 2;
            traits.put(name, new GroupedWeights.Traits(dimensions > 1, bias, dimensions, factor));
        }
        return new GroupedWeights(groups, depth(run), List.of(names)).settings(traits, RUN);
    }

    private Set<String> frozen(ParameterGroups groups, String... names) throws IOException {
        return new GroupedWeights(groups, depth("llama-full"), List.of(names)).frozen();
    }

    private static ParameterGroups groups(ParameterGroup... groups) {
        return new ParameterGroups(List.of(groups), 1, null, null);
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
        assertThat(settings(groups(ParameterGroup.of("lm_head").decaying(0.75)), "lm_head.bias", A))
                .containsEntry("lm_head.bias", new AdamW.Settings(0.5, 0.75))
                .containsEntry(A, RUN);
    }

    @Test
    void ratesGetSmallerFromTheLastBlockDown() throws IOException {
        Map<String, AdamW.Settings> found = settings(
                ParameterGroups.NONE.withLayerDecay(0.5),
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
        String[] names = {
            "transformer.word_embeddings.weight", "transformer.word_embeddings_layernorm.bias", "transformer.ln_f.bias"
        };
        assertThat(settings("bloom-full", ParameterGroups.NONE.withLayerDecay(0.5), names).values().stream()
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
                groups(ParameterGroup.of(".*lora_[AB]"), ParameterGroup.of("lora_C"), ParameterGroup.of("lora_B"));
        assertThatThrownBy(() -> settings(groups, A, B, B.replace(".1.", ".0.")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter groups do not fit what is trained: \"lora_C\" names no weight (did you mean lora_A or"
                                + " lora_B?); \"lora_B\" names only weights that groups before it take. Names are model.layers.N.self_attn.q_proj.lora_A.default.weight,"
                                + " model.layers.N.self_attn.q_proj.lora_B.default.weight");
    }

    @Test
    void aGroupThatIsGivenTwiceIsRefused() {
        assertThatThrownBy(() -> settings(groups(ParameterGroup.of("q_proj"), ParameterGroup.of("q_proj")), A))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"q_proj\" names only weights that groups before it take");
    }

    @Test
    void aDecayByDepthOfNothingIsRefused() {
        assertThatThrownBy(() -> settings(ParameterGroups.NONE.withLayerDecay(0.5), "default:prompt_embeddings"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter groups do not fit what is trained: a layer decay of 0.5 changes no rate, as none is in a block or an"
                                + " embedding without a learning rate of its own. Names are default:prompt_embeddings");
    }

    @Test
    void aPatternNamesWeightsAndTheModulesThatTheyLieIn() {
        for (String pattern :
                List.of("lora_B", "q_proj,lm_head", "layers.1", "weight", ".*layers\\.[1-3]", A, "model")) {
            assertThat(NamePattern.of(pattern).matches(pattern.equals(A) ? A : B))
                    .as(pattern)
                    .isTrue();
        }
        for (String pattern : List.of("proj", "layers", "lora_[AB]", "layers.0", "default:model")) {
            boolean prefix = pattern.equals("layers");
            assertThat(NamePattern.of(pattern).matches(B)).as(pattern).isEqualTo(prefix);
        }
        assertThat(NamePattern.of("prompt_embeddings").matches("default:prompt_embeddings"))
                .isTrue();
    }

    @Test
    void aRateOfZeroFreezesUnlessAGroupBeforeItDoesNot() throws IOException {
        ParameterGroups groups = groups(
                ParameterGroup.of("lora_B").at(1), ParameterGroup.of("layers.1").at(0));
        assertThat(frozen(groups, A, B, B.replace("lora_B", "lora_A"))).containsExactly(B.replace("lora_B", "lora_A"));
        assertThat(frozen(groups(ParameterGroup.of("lora_B").times(0)), A, B)).containsExactly(B);
    }

    @Test
    void theLastBlocksAreTrainedWithWhatComesBehindThem() throws IOException {
        String[] names = {
            "model.embed_tokens.weight",
            "model.layers.0.mlp.up_proj.weight",
            "model.layers.1.mlp.up_proj.weight",
            "model.norm.weight",
            "lm_head.weight"
        };
        assertThat(frozen(ParameterGroups.NONE.withLastBlocks(2), names)).containsExactly(names[0]);
        assertThat(frozen(ParameterGroups.NONE.withLastBlocks(1), names)).containsExactly(names[0], names[1]);
        assertThat(frozen(ParameterGroups.NONE.withLastBlocks(0), names))
                .containsExactly(names[0], names[1], names[2], names[3]);
        assertThatThrownBy(() -> frozen(ParameterGroups.NONE.withLastBlocks(3), names))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the last 3 layers are to be trained, but the model has 2: expected at most as many");
        assertThatThrownBy(() -> frozen(ParameterGroups.NONE.withLastBlocks(0), names[0], names[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing is left to train")
                .hasMessageContaining("the model has no head of its own");
    }

    @Test
    void whereAllIsFrozenNothingIsTrained() {
        assertThatThrownBy(() -> frozen(groups(ParameterGroup.of(".*").at(0)), A, B))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "nothing is left to train: all weights are frozen by parameter groups with a learning rate of 0");
    }

    @Test
    void loraPlusIsForSecondFactorsAndVectorsAndMultipliesWithDepth() throws IOException {
        ParameterGroups groups = ParameterGroups.NONE
                .withLoraPlus(new ParameterGroups.LoraPlus(4, 1e-3))
                .withLayerDecay(0.5)
                .and(ParameterGroup.of("layers.0.mlp.down_proj.lora_B").at(7));
        String embedding = "model.embed_tokens.lora_embedding_B.default";
        String named = "model.layers.0.mlp.down_proj.lora_B.default.weight";
        assertThat(settings(groups, A, B, embedding, "model.norm.weight", "lm_head.bias", named))
                .containsEntry(A, new AdamW.Settings(0.125, 0.25))
                .containsEntry(B, new AdamW.Settings(1, 0.25))
                .containsEntry(embedding, new AdamW.Settings(1e-3, 0.25))
                .containsEntry("model.norm.weight", new AdamW.Settings(2, 0.25))
                .containsEntry("lm_head.bias", new AdamW.Settings(2, 0))
                .containsEntry(named, new AdamW.Settings(7, 0.25));
    }

    @Test
    void loraPlusWithoutSecondFactorsIsRefused() {
        assertThatThrownBy(() -> settings(
                        ParameterGroups.NONE.withLoraPlus(new ParameterGroups.LoraPlus(4, 0)), A, "lm_head.bias"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "LoRA+ is for low-rank updates of layers, and nothing that is trained has a second"
                                + " factor. Names are");
    }

    @Test
    void aGroupsFaultsAreToldAllAtOnce() {
        assertThatThrownBy(() -> new ParameterGroup("a(", -1, Double.NaN, -0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter group \"a(\": \"a(\" is no valid regular expression of Python: missing ), unterminated subpattern at position 2; the factor of the"
                                + " learning rate must be at least 0, got -1.0; the learning rate must be at least 0, got NaN; the weight decay must"
                                + " be at least 0, got -0.5; a learning rate of its own, NaN, and a factor of the run's, -1.0, exclude each other");
        assertThatThrownBy(() -> ParameterGroups.NONE.withLayerDecay(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer decay must be above 0 and at most 1 (1: none), got 0.0");
        assertThatThrownBy(() -> ParameterGroup.of(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "the pattern is empty: expected names separated by commas, or a regular expression");
        assertThatThrownBy(() -> ParameterGroup.of("all-linear"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"all-linear\" names modules, not weights");
        assertThatThrownBy(() -> ParameterGroups.NONE.withLastBlocks(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layers to train must be at least 0 (0: the head alone), got -1");
        assertThatThrownBy(() -> new ParameterGroups.LoraPlus(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the ratio of LoRA+ must be above 0, got 0.0");
    }
}
