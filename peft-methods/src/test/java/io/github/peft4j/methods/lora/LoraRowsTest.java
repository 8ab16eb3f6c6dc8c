package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of one batch with adapters of their own. */
class LoraRowsTest {

    private static final double SAME = 1e-6;
    /** Products of one row round differently from those of a batch. */
    private static final double ALONE = 3e-6;

    private static float[] alone(Model<LanguageHead> model, PeftModel<?> peft, String name, int[] row) {
        if (name.equals(PeftModel.BASE)) {
            peft.deactivate();
        } else {
            peft.setActive(name);
        }
        return SharedGolden.logits(model, row);
    }

    @Test
    void eachRowComputesWhatItComputesInPython() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base();
                GoldenTensors golden = SeveralAdapters.golden()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second", "third");
            List<String> names = SeveralAdapters.texts(SharedGolden.metadata(golden, "rows"));
            List<float[]> rows = SeveralAdapters.logits(model, peft.selectRows(names));
            for (int row = 0; row < names.size(); row++) {
                assertClose("row " + row, rows.get(row), golden.floats("rows." + row), 1e-5);
            }
        }
    }

    @Test
    void eachRowComputesWhatItDoesAlone() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second", "third");
            for (List<String> names : List.of(
                    List.of("first", "second", "__base__", "third"),
                    List.of("third", "third", "first"),
                    List.of("second", "second"),
                    List.of("__base__", "__base__"))) {
                List<float[]> rows = SeveralAdapters.logits(model, peft.selectRows(names));
                for (int row = 0; row < names.size(); row++) {
                    String what = names + " row " + row;
                    float[] alone = alone(model, peft, names.get(row), SeveralAdapters.row(row));
                    assertClose(what, rows.get(row), alone, ALONE);
                    // With the adapter's name for all of them the batch is computed as without names.
                    List<String> all = Collections.nCopies(names.size(), names.get(row));
                    List<float[]> same = SeveralAdapters.logits(model, peft.selectRows(all));
                    assertClose(what, rows.get(row), same.get(row), SAME);
                }
            }
        }
    }

    private static PeftModel<?> withCopies(Model<LanguageHead> model) {
        PeftModel<?> peft = PeftModel.attach(
                model,
                LoraConfig.builder(2, 4)
                        .targetModules("c_attn", "wte")
                        .initLoraWeights(false)
                        .modulesToSave("lm_head", "ln_f")
                        .build());
        peft.add(
                LoraConfig.builder(2, 4)
                        .targetModules("c_attn", "mlp.c_proj")
                        .initLoraWeights(false)
                        .bias(LayerSettings.Bias.ADAPTED)
                        .modulesToSave("ln_f")
                        .build(),
                new AttachContext("b", 1, true));
        for (String name : peft.names()) {
            peft.adapter(name)
                    .trainable()
                    .values()
                    .forEach(weight -> weight.scope().kernels().scaleInto(weight.array(), 1.25));
        }
        peft.setTrainable();
        return peft;
    }

    @Test
    void copiesAndBiasesGoByRowsToo() {
        try (Model<LanguageHead> model = SeveralAdapters.baseOf("gpt2")) {
            PeftModel<?> peft = withCopies(model);
            List<String> names = List.of("b", "default", "__base__", "default");
            List<float[]> rows = SeveralAdapters.logits(model, peft.selectRows(names));
            for (int row = 0; row < names.size(); row++) {
                float[] alone = alone(model, peft, names.get(row), SeveralAdapters.row(row));
                assertClose("row " + row, rows.get(row), alone, ALONE);
            }
            assertDiffers("adapters", rows.get(1), alone(model, peft, "b", SeveralAdapters.row(1)));
        }
    }

    private static List<int[]> prompts(int count) {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(SeveralAdapters.row(i));
        }
        return prompts;
    }

    private static void assertGeneratesAsAlone(Model<LanguageHead> model, PeftModel<?> peft, List<String> names)
            throws InterruptedException {
        // Rows end at different tokens, so that the batch becomes smaller.
        GenerationConfig config = GenerationConfig.builder()
                .greedy(true)
                .maxNewTokens(12)
                .eosTokenIds(List.of(5, 9, 13, 21, 30, 31, 32, 33, 34))
                .build();
        Generator generator = new Generator(model, config);
        List<int[]> prompts = prompts(names.size());
        List<Generator.Generated> together = generator.generate(prompts, peft.selectRows(names), (prompt, id) -> {});
        for (int row = 0; row < names.size(); row++) {
            alone(model, peft, names.get(row), prompts.get(row));
            assertThat(together.get(row).ids())
                    .as("row " + row)
                    .containsExactly(
                            generator.generate(List.of(prompts.get(row))).get(0).ids());
        }
        assertThat(together.stream().map(made -> made.ids().length).distinct()).hasSizeGreaterThan(1);
    }

    @Test
    void rowsGenerateAsTheyDoAlone() throws IOException, InterruptedException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second", "third");
            assertGeneratesAsAlone(
                    model, peft, List.of("first", "__base__", "second", "third", "first", "__base__", "second"));
        }
    }

    @Test
    void rowsWithCopiesGenerateAsTheyDoAlone() throws InterruptedException {
        try (Model<LanguageHead> model = SeveralAdapters.baseOf("gpt2")) {
            assertGeneratesAsAlone(model, withCopies(model), List.of("b", "default", "__base__", "default", "b"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"BFLOAT16"})
    void halfPrecisionWorksToo(Precision precision) throws IOException {
        try (Model<LanguageHead> model = new GoldenCase("llama-base").base(precision)) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second");
            List<String> names = List.of("first", "__base__", "second");
            List<float[]> rows = SeveralAdapters.logits(model, peft.selectRows(names));
            for (int row = 0; row < names.size(); row++) {
                float[] alone = alone(model, peft, names.get(row), SeveralAdapters.row(row));
                assertClose("row " + row, rows.get(row), alone, 0.05);
            }
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second");
            int arrays = model.scope().liveArrays();
            RowSelection rows = peft.selectRows(List.of("first", "second", "__base__"));
            SeveralAdapters.logits(model, rows);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void whatDoesNotGoByRowsIsRefused() throws IOException {
        try (Model<LanguageHead> model = SeveralAdapters.base()) {
            PeftModel<?> peft = SeveralAdapters.on(model, "first", "second");
            assertThatThrownBy(() -> peft.selectRows(List.of("first", "x", "b")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Trying to infer with non-existing adapter(s): b, x; there are [first, second] and"
                            + " __base__");
            RowSelection two = peft.selectRows(List.of("first", "second"));
            assertThatThrownBy(() ->
                            io.github.peft4j.models.ModelInput.of(prompts(3)).selecting(two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Length of `adapter_names` should be the same as the number of inputs, but got 2 and 3"
                            + " respectively.");
            Generator generator = new Generator(
                    model,
                    GenerationConfig.builder().greedy(true).maxNewTokens(1).build());
            assertThatThrownBy(() -> generator.generate(prompts(1), two, (prompt, id) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("Length of `adapter_names` should be the same as the number of inputs");
            peft.mergeActive();
            assertThatThrownBy(() -> peft.selectRows(List.of("second")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot pass `adapter_names` when there are merged adapters, please call"
                            + " unmerge() first: [first]");
            peft.unmerge();
            peft.add(
                    LoraConfig.builder(2, 4)
                            .targetModules("q_proj")
                            .useDora(true)
                            .build(),
                    new AttachContext("dora", 0, true));
            assertThatThrownBy(() -> peft.selectRows(List.of("first", "dora")))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("adapter 'dora' of type LORA cannot be used for some rows of a batch only: run those"
                            + " rows in a batch of their own");
            peft.setActive("dora");
            assertThatThrownBy(() -> peft.selectRows(List.of("first")))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("adapter 'dora' of type LORA, which is active, cannot be used for some rows of a batch"
                            + " only: run those rows in a batch of their own, or switch it off with setActive");
        }
    }
}
