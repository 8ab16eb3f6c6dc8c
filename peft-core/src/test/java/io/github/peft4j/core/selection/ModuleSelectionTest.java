package io.github.peft4j.core.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.internal.ModuleMatcher;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModuleSelectionTest {

    private static final List<String> USUAL = List.of("q_proj", "v_proj");

    private static final String ALL = " Modules that end a path: [down_proj, embed_tokens, gate_proj, input_layernorm,"
            + " k_proj, layers, lm_head, mlp, model, norm, o_proj, post_attention_layernorm, q_proj, self_attn, up_proj,"
            + " v_proj].";

    @TempDir
    private static Path folder;

    private static Model<LanguageHead> model;

    @BeforeAll
    static void load() {
        model = Toy.load(Toy.write(folder, false));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ModuleSelection of(@Nullable TargetModules targets) {
        return new ModuleSelection(targets, null, List.of(), List.of(), List.of());
    }

    private static ModuleSelection.Selected select(ModuleSelection selection) {
        return selection.in(BaseModules.of(model), model.anatomy(), USUAL);
    }

    @Test
    void namesSelectModulesInTheModelsOrder() {
        assertThat(select(of(TargetModules.named("v_proj", "q_proj"))).paths())
                .containsExactly(
                        "model.layers.0.self_attn.q_proj",
                        "model.layers.0.self_attn.v_proj",
                        "model.layers.1.self_attn.q_proj",
                        "model.layers.1.self_attn.v_proj");
    }

    @Test
    void nothingGivenMeansWhatIsUsual() {
        ModuleSelection.Selected selected = select(of(null));
        assertThat(selected.targets()).isEqualTo(TargetModules.named("q_proj", "v_proj"));
        assertThat(selected.paths()).hasSize(4);
    }

    @Test
    void whereNothingIsUsualNamesMustBeGiven() {
        assertThatThrownBy(() -> of(null).in(BaseModules.of(model), model.anatomy(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Please specify `target_modules` in `peft_config`: there are no defaults for llama");
    }

    @Test
    void allLinearLayersButTheHeadAreRecordedByName() {
        ModuleSelection.Selected selected = select(of(new TargetModules.AllLinear()));
        assertThat(selected.paths()).hasSize(14).doesNotContain("lm_head");
        assertThat(selected.targets()).isInstanceOf(TargetModules.Named.class);
        assertThat((List<?>) selected.targets().json()).hasSize(14);
    }

    @Test
    void modulesUnderWrappersAreFoundByTheirOwnNames() {
        try (Model<LanguageHead> wrapped = Toy.load(folder)) {
            PeftModel.attach(wrapped, FakeConfig.of("q_proj"), AttachContext.of(0), FakeMethod.ALONE);
            ModuleSelection.Selected selected =
                    of(new TargetModules.AllLinear()).in(BaseModules.of(wrapped), wrapped.anatomy(), USUAL);
            assertThat(selected).isEqualTo(select(of(new TargetModules.AllLinear())));
        }
    }

    @Test
    void aNameThatMatchesNothingBesideOthersIsRefusedWithTheNearest() {
        assertThatThrownBy(() -> select(of(TargetModules.named("q_proj", "vproj"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Target modules {'vproj'} not found in the base model, though others were."
                        + " Please correct or remove them. Nearest to 'vproj': v_proj, k_proj, o_proj." + ALL);
    }

    @Test
    void aSavedAdapterMayCarryNamesThatMatchNothing() {
        AttachContext saved = new AttachContext("x", 0, false);
        TargetModules targets = TargetModules.named("q_proj", "query_key_value");
        ModuleSelection.Selected selected = of(targets).in(BaseModules.of(model), model.anatomy(), USUAL, saved);
        assertThat(selected.paths()).hasSize(2);
        assertThat(selected.targets()).isEqualTo(targets);
    }

    @Test
    void anExpressionInAListIsExplained() {
        assertThatThrownBy(() -> select(of(TargetModules.named(".*q_proj"))))
                .hasMessage(
                        "Target modules {'.*q_proj'} not found in the base model. Please check the target modules and"
                                + " try again. '.*q_proj' looks like a regular expression, but a list holds names: give it as one"
                                + " text." + ALL);
    }

    @Test
    void theWordForAllLinearLayersInAListIsExplained() {
        assertThatThrownBy(() -> select(of(TargetModules.named("all-linear"))))
                .hasMessage(
                        "Target modules {'all-linear'} not found in the base model. Please check the target modules and"
                                + " try again. 'all-linear' in a list is the name of a module; for all linear layers give it as one text,"
                                + " in Java `new TargetModules.AllLinear()`." + ALL);
    }

    @Test
    void notesSayWhichLayersWereAskedFor() {
        ModuleSelection selection =
                new ModuleSelection(TargetModules.named("q_proj"), null, List.of(5, 6), List.of("layers"), List.of());
        assertThatThrownBy(() -> select(selection))
                .hasMessage(
                        "Target modules {'q_proj'} not found in the base model. Please check the target modules and try"
                                + " again. Note: You specified 'layers_to_transform': [5, 6]. You also specified"
                                + " 'layers_pattern': ['layers']." + ALL);
    }

    @Test
    void layersLimitNamesButNotWholePaths() {
        ModuleSelection selection = new ModuleSelection(
                TargetModules.named("q_proj", "model.layers.0.self_attn.k_proj"),
                null,
                List.of(1),
                List.of(),
                List.of());
        assertThat(select(selection).paths())
                .containsExactly("model.layers.0.self_attn.k_proj", "model.layers.1.self_attn.q_proj");
    }

    @Test
    void aLayersNumberTooLargeForAnIntegerIsNoLayer() {
        List<String> paths = List.of("h.99999999999999.q", "h.1.q", "x.q");
        ModuleSelection selection =
                new ModuleSelection(TargetModules.named("q"), null, List.of(1), List.of("h"), List.of());
        assertThat(ModuleMatcher.of(selection, paths, java.util.Set.of(), null, "x")
                        .select(true)
                        .paths())
                .containsExactly("h.1.q");
    }

    @Test
    void whatIsTrainedWholeIsNotChangedOtherwise() {
        ModuleSelection selection = new ModuleSelection(
                TargetModules.named("q_proj", "lm_head"), null, List.of(), List.of(), List.of("lm_head"));
        assertThat(select(selection).paths()).hasSize(2).noneMatch(path -> path.contains("lm_head"));
    }

    @Test
    void excludingAllIsRefused() {
        ModuleSelection selection = new ModuleSelection(
                TargetModules.named("q_proj"), TargetModules.ofPattern(".*"), List.of(), List.of(), List.of());
        assertThatThrownBy(() -> select(selection))
                .hasMessage("All modules were excluded. This is likely unintended. Check your `target_modules`,"
                        + " `exclude_modules` and `modules_to_save` configuration.");
    }

    @Test
    void anAdapterForNoModuleAtAllIsPossible() {
        assertThat(select(of(TargetModules.ofPattern("dummy-target-modules"))).paths())
                .isEmpty();
    }

    @Test
    void anExpressionThatNeverEndsIsStopped() {
        assertThatThrownBy(() -> select(of(TargetModules.ofPattern("((.|..)+)\\1Q"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes too long on \"model");
    }

    @Test
    void anInvalidPatternOfLayersIsRefused() {
        ModuleSelection selection =
                new ModuleSelection(TargetModules.named("q_proj"), null, List.of(1), List.of("(h"), List.of());
        assertThatThrownBy(() -> select(selection)).hasMessageContaining("missing ), unterminated subpattern");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "q_proj; [q_proj]",
                "q_proj,v_proj; [q_proj, v_proj]",
                "[q_proj, v_proj]; [q_proj, v_proj]",
                "'[''q_proj'', ''v_proj'']'; [q_proj, v_proj]",
                "model.layers.0.mlp; [model.layers.0.mlp]",
                "all-linear; all-linear",
                "ALL-linear; all-linear",
                ".*_proj; .*_proj",
                "(q|v)_proj; (q|v)_proj",
                "[qv]_proj; [qv]_proj",
                "dummy-target-modules; dummy-target-modules",
            })
    void aUsersTextIsReadAsWhatItLooksLike(String text, String meaning) {
        assertThat(TargetModules.ofText(text).json()).hasToString(meaning);
    }

    @Test
    void namesAreSavedInOrderAndOnce() {
        assertThat(TargetModules.named("v", "q", "v").json()).isEqualTo(List.of("q", "v"));
    }
}
