package io.github.peft4j.core.internal.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModulesToSaveTest {

    @TempDir
    private Path folder;

    private static void shift(Weight weight) {
        try (NDArray more = weight.scope().kernels().scale(weight.array(), 1.5)) {
            weight.assign(more);
        }
    }

    @Test
    void aNameMeansEveryPathThatEndsInIt() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            BaseModules modules = BaseModules.of(model);
            assertThat(ModulesToSave.paths(modules, List.of("lm_head"))).containsExactly("lm_head");
            assertThat(ModulesToSave.paths(modules, List.of("norm")))
                    .containsExactlyInAnyOrder(
                            "model.norm",
                            "model.layers.0.input_layernorm",
                            "model.layers.0.post_attention_layernorm",
                            "model.layers.1.input_layernorm",
                            "model.layers.1.post_attention_layernorm");
            assertThat(ModulesToSave.paths(modules, List.of())).isEmpty();
            assertThat(ModulesToSave.paths(modules, List.of("classifier"))).isEmpty();
        }
    }

    @Test
    void aModuleWithChildrenMeansItsLayers() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            assertThat(ModulesToSave.paths(BaseModules.of(model), List.of("layers.1.mlp", "1.mlp.up_proj")))
                    .containsExactlyInAnyOrder(
                            "model.layers.1.mlp.gate_proj",
                            "model.layers.1.mlp.up_proj",
                            "model.layers.1.mlp.down_proj");
        }
    }

    @Test
    void copiesAreSavedUnderTheLayersOwnPaths() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            ModulesToSave saved = ModulesToSave.attach(model, List.of("model.norm", "lm_head"), AttachContext.of(0));
            assertThat(saved.parameters())
                    .containsOnlyKeys("base_model.model.model.norm.weight", "base_model.model.lm_head.weight");
            assertThat(saved.copies()).containsOnlyKeys("model.norm", "lm_head");
        }
    }

    @Test
    void offAndAwayTheModelComputesWhatItDid() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, true))) {
            float[] before = Toy.logits(model);
            Map<String, Module> modules = model.modulesByPath();
            int arrays = model.scope().liveArrays();
            ModulesToSave saved = ModulesToSave.attach(model, List.of("lm_head"), AttachContext.of(0));
            assertThat(Toy.logits(model)).containsExactly(before);
            saved.parameters().values().forEach(ModulesToSaveTest::shift);
            float[] trained = Toy.logits(model);
            assertThat(trained).isNotEqualTo(before);
            saved.setEnabled(false);
            assertThat(Toy.logits(model)).containsExactly(before);
            saved.setEnabled(true);
            assertThat(Toy.logits(model)).containsExactly(trained);
            saved.remove();
            assertThat(Toy.logits(model)).containsExactly(before);
            assertThat(model.modulesByPath()).isEqualTo(modules);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void copiesThatSavedValuesWillReplaceAreBlank() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            ModulesToSave saved =
                    ModulesToSave.attach(model, List.of("lm_head", "norm"), new AttachContext("x", 0, false));
            saved.copies()
                    .forEach((path, copy) -> copy.weights().forEach((name, weight) -> {
                        assertThat(weight.shape())
                                .isEqualTo(BaseModules.of(model)
                                        .base(path)
                                        .ownWeights()
                                        .get(name)
                                        .shape());
                        assertThat(weight.scope().kernels().toFloats(weight.array()))
                                .containsOnly(0f);
                    }));
        }
    }

    @Test
    void twoSetsOfCopiesOfOneLayerGoInAnyOrder() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            float[] before = Toy.logits(model);
            ModulesToSave first = ModulesToSave.attach(model, List.of("lm_head"), AttachContext.of(0));
            first.parameters().values().forEach(ModulesToSaveTest::shift);
            float[] trained = Toy.logits(model);
            ModulesToSave second = ModulesToSave.attach(model, List.of("lm_head"), AttachContext.of(0));
            assertThat(Toy.logits(model)).as("a copy of the model's layer").containsExactly(before);
            second.setEnabled(false);
            assertThat(Toy.logits(model)).containsExactly(trained);
            first.remove();
            assertThat(Toy.logits(model)).containsExactly(before);
            second.setEnabled(true);
            assertThat(Toy.logits(model)).containsExactly(before);
            second.remove();
            assertThat(Toy.logits(model)).containsExactly(before);
        }
    }

    @Test
    void oneValueIsWrittenAsOneAndAListAsAList() {
        assertThat(OneOrMany.one(3).json()).isEqualTo(3);
        assertThat(OneOrMany.many(List.of(3)).json()).isEqualTo(List.of(3));
        assertThatThrownBy(() -> new OneOrMany<>(List.of(1, 2), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a single value is one value, got [1, 2]");
    }

    @Test
    void oneValueOrManyAreReadInTheFormTheyHave() {
        Map<String, Object> values = Map.of("one", 3, "many", List.of(3), "text", "a", "texts", List.of("a", "b"));
        ConfigValues read =
                ConfigValues.of(values, "test").with(Map.of("typed", "1", "list", "1,2", "brackets", "[1]"));
        assertThat(read.oneOrManyIntegers("one")).isEqualTo(OneOrMany.one(3));
        assertThat(read.oneOrManyIntegers("many")).isEqualTo(OneOrMany.many(List.of(3)));
        assertThat(read.oneOrManyTexts("text")).isEqualTo(OneOrMany.one("a"));
        assertThat(read.oneOrManyTexts("texts")).isEqualTo(OneOrMany.many(List.of("a", "b")));
        assertThat(read.oneOrManyIntegers("typed")).isEqualTo(OneOrMany.one(1));
        assertThat(read.oneOrManyIntegers("list")).isEqualTo(OneOrMany.many(List.of(1, 2)));
        assertThat(read.oneOrManyIntegers("brackets")).isEqualTo(OneOrMany.many(List.of(1)));
        assertThat(read.oneOrManyIntegers("absent")).isNull();
    }
}
